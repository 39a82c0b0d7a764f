from odoo import api, models
from odoo.tools import SQL


class LoyaltyLedgerBatch(models.AbstractModel):
    """Many customers at once: a year of orders, everybody's birthday."""

    _name = "loyalty.ledger.batch"
    _description = "Loyalty Ledger: batches"

    @api.model
    def _earn_batch(self, wanted, now, history=False):
        """Credit what a query says, each row once per key and account, set-based.

        Balances, lots, debts and cards follow in the same statement, tiers in the next.

        :param SQL wanted: select of (loyalty_id, points, source_type, source_id,
            description, key, issued_at, expires_at); several rows of an account are
            booked in the order of issued_at
        :param datetime now: naive UTC: when it is written down
        :param bool history: True for what is no news: nobody is told
        :return: (rows, points)
        """
        self.env.flush_all()
        self.env.cr.execute(self._batch_query(wanted, now, history))
        rows, points, accounts = self.env.cr.fetchone()
        for name in ("customer.loyalty", "loyalty.card"):
            self.env[name].invalidate_model()
        if accounts:
            if not history:
                self.env["lifecycle.event"]._wake()
            self.env["loyalty.tier.evaluation"]._evaluate(
                SQL("a.id = ANY(%s)", accounts), now, history
            )
        return rows, points

    def _batch_query(self, wanted, now, history):
        return SQL(
            """
            WITH %(rows)s,
            tx AS (
                INSERT INTO loyalty_transaction (loyalty_id, program_id, company_id,
                    transaction_type, points, balance_before, balance_after,
                    source_type, source_id, source_description, expires_at,
                    created_at, user_id, idempotency_key)
                SELECT loyalty_id, program_id, company_id, 'earn', points, former,
                       former + points, source_type, source_id, description,
                       expires_at, %(now)s, %(user)s, key
                  FROM numbered ORDER BY loyalty_id, place
                RETURNING id, loyalty_id, idempotency_key),
            lot AS (
                INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,
                    remaining, issued_at, expires_at)
                SELECT n.loyalty_id, tx.id, n.points, n.points - n.repaid, n.issued_at,
                       n.expires_at
                  FROM numbered n JOIN tx ON tx.loyalty_id = n.loyalty_id
                                         AND tx.idempotency_key = n.key
                RETURNING id, transaction_id, points - remaining AS repaid),
            moves AS (
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT id, transaction_id, -repaid FROM lot WHERE repaid > 0),
            event AS (%(event)s),
            %(totals)s
            SELECT coalesce(sum(rows), 0)::int, coalesce(sum(points), 0)::float8,
                   array_agg(loyalty_id) FROM total
            """,
            rows=self._batch_rows(wanted),
            totals=self._batch_totals(),
            event=self._batch_events(now, history),
            now=now,
            user=self.env.uid,
        )

    def _batch_rows(self, wanted):
        """The rows that are new, numbered, with the balance before each."""
        return SQL(
            """
            wanted AS MATERIALIZED (%s),
            fresh AS MATERIALIZED (
                SELECT w.* FROM wanted w
                 WHERE w.points > 0 AND NOT EXISTS (
                    SELECT FROM loyalty_transaction t
                     WHERE t.loyalty_id = w.loyalty_id AND t.idempotency_key = w.key)
                   AND NOT EXISTS (
                    SELECT FROM customer_loyalty m
                      JOIN loyalty_transaction t ON t.loyalty_id = m.id
                     WHERE m.merged_into_id IS NOT NULL
                       AND m.merged_into_id = w.loyalty_id
                       AND t.idempotency_key = w.key)),
            account AS MATERIALIZED (
                SELECT a.id, a.card_id, a.program_id, a.company_id, a.points_balance,
                       a.points_debt
                  FROM customer_loyalty a
                 WHERE a.id IN (SELECT loyalty_id FROM fresh)
                 ORDER BY a.id FOR NO KEY UPDATE),
            numbered AS MATERIALIZED (
                SELECT f.*, a.program_id, a.company_id,
                       row_number() OVER w AS place,
                       a.points_balance + sum(f.points) OVER w - f.points AS former,
                       least(f.points, greatest(
                           a.points_debt - (sum(f.points) OVER w - f.points), 0))
                           AS repaid
                  FROM fresh f JOIN account a ON a.id = f.loyalty_id
                WINDOW w AS (PARTITION BY f.loyalty_id ORDER BY f.issued_at, f.key))
            """,
            wanted,
        )

    def _batch_events(self, now, history):
        """One event per account: what a batch brought is one piece of news."""
        return SQL(
            """
            INSERT INTO lifecycle_event (customer_id, company_id, event_type,
                event_key, occurred_at, res_model, res_id, data, is_pending)
            SELECT p.commercial_partner_id, coalesce(n.company_id, %(company)s),
                   'points_earned', 'points_earned:' || max(tx.id), %(now)s,
                   'loyalty.transaction', max(tx.id),
                   jsonb_build_object('points', sum(n.points)), %(news)s
              FROM numbered n JOIN tx ON tx.loyalty_id = n.loyalty_id
                                     AND tx.idempotency_key = n.key
              JOIN customer_loyalty a ON a.id = n.loyalty_id
              JOIN res_partner p ON p.id = a.customer_id
             GROUP BY n.loyalty_id, 1, 2 ON CONFLICT DO NOTHING
            """,
            company=self.env.company.id,
            now=now,
            news=not history,
        )

    def _batch_totals(self):
        """What accounts and cards have of it."""
        return SQL(
            """
            total AS MATERIALIZED (
                SELECT loyalty_id, count(*) AS rows, sum(points) AS points,
                       sum(repaid) AS repaid
                  FROM numbered GROUP BY 1),
            accounts AS (
                UPDATE customer_loyalty a
                   SET points_balance = a.points_balance + t.points,
                       points_lifetime = a.points_lifetime + t.points,
                       points_debt = a.points_debt - t.repaid
                  FROM total t WHERE a.id = t.loyalty_id),
            cards AS (
                UPDATE loyalty_card c SET points = coalesce(c.points, 0) + t.points
                  FROM total t JOIN account a ON a.id = t.loyalty_id
                 WHERE c.id = a.card_id)
            """
        )
