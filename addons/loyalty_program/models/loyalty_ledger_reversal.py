from odoo import api, models
from odoo.tools import SQL


class LoyaltyLedgerReversal(models.AbstractModel):
    """Earnings that are taken back from many accounts at once."""

    _name = "loyalty.ledger.reversal"
    _description = "Loyalty Ledger: many reversals"

    @api.model
    def _reverse_batch(self, wanted, now):
        """Take back parts of earnings, set-based; what was spent of them is owed.

        Each earning is reversed once: asked for again, it stays as it is. Nobody is
        told.

        :param SQL wanted: select of (loyalty_id, key, points, description): the
            idempotency key of the earning, and what of it goes, above 0
        :param datetime now: naive UTC
        :return: points
        """
        self.env.flush_all()
        self.env.cr.execute(self._reversal_query(wanted, now))
        points, accounts = self.env.cr.fetchone()
        for name in ("customer.loyalty", "loyalty.card", "loyalty.point.lot"):
            self.env[name].invalidate_model()
        if accounts:
            self._pay_debts(accounts)
            self.env["loyalty.tier.evaluation"]._evaluate(
                SQL("a.id = ANY(%s)", accounts), now, history=True
            )
        return points

    @api.model
    def _pay_debts(self, accounts):
        """Let what accounts have in lots pay what they owe, the oldest first: an
        earning that had paid an old debt cannot be taken back out of its own lot.

        :param list accounts: ids of those of which earnings were taken back
        """
        self.env.cr.execute(
            SQL(
                """
                WITH q AS (
                    SELECT l.id, l.loyalty_id, l.remaining, a.points_debt,
                           sum(l.remaining) OVER w - l.remaining AS before
                      FROM loyalty_point_lot l
                      JOIN customer_loyalty a ON a.id = l.loyalty_id
                     WHERE a.id = ANY(%s) AND a.points_debt > 0 AND l.remaining > 0
                    WINDOW w AS (PARTITION BY l.loyalty_id ORDER BY l.issued_at, l.id)),
                t AS MATERIALIZED (
                    SELECT id, loyalty_id, least(remaining, points_debt - before)
                           AS points
                      FROM q WHERE before < points_debt),
                lots AS (
                    UPDATE loyalty_point_lot l SET remaining = l.remaining - t.points
                      FROM t WHERE l.id = t.id),
                accounts AS (
                    UPDATE customer_loyalty a
                       SET points_debt = a.points_debt - s.points
                      FROM (SELECT loyalty_id, sum(points) AS points FROM t GROUP BY 1)
                           s WHERE a.id = s.loyalty_id)
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT t.id, (SELECT max(x.id) FROM loyalty_transaction x
                               WHERE x.loyalty_id = t.loyalty_id AND x.points < 0
                                 AND x.transaction_type = 'earn'), -t.points
                  FROM t
                """,
                accounts,
            )
        )

    def _reversal_query(self, wanted, now):
        return SQL(
            """
            WITH %(rows)s,
            tx AS (
                INSERT INTO loyalty_transaction (loyalty_id, program_id, company_id,
                    transaction_type, points, balance_before, balance_after,
                    source_type, source_id, source_description, created_at, user_id,
                    idempotency_key)
                SELECT loyalty_id, program_id, company_id, 'earn', -points, former,
                       former - points, source_type, source_id, description, %(now)s,
                       %(user)s, key || ':back'
                  FROM numbered ORDER BY loyalty_id, place
                RETURNING id, loyalty_id, idempotency_key),
            moves AS (
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT n.lot_id, tx.id, -n.taken
                  FROM numbered n JOIN tx ON tx.loyalty_id = n.loyalty_id
                   AND tx.idempotency_key = n.key || ':back'
                 WHERE n.taken > 0),
            lots AS (
                UPDATE loyalty_point_lot l SET remaining = l.remaining - n.taken
                  FROM numbered n WHERE l.id = n.lot_id AND n.taken > 0),
            %(totals)s
            SELECT coalesce(sum(points), 0)::float8, array_agg(loyalty_id) FROM total
            """,
            rows=self._reversal_rows(wanted),
            totals=self._reversal_totals(),
            now=now,
            user=self.env.uid,
        )

    def _reversal_rows(self, wanted):
        """What is to be reversed, numbered, with the balance before each."""
        return SQL(
            """
            wanted AS MATERIALIZED (%s),
            account AS MATERIALIZED (
                SELECT a.id, a.card_id, a.points_balance FROM customer_loyalty a
                 WHERE a.id IN (SELECT loyalty_id FROM wanted)
                 ORDER BY a.id FOR NO KEY UPDATE),
            numbered AS MATERIALIZED (
                SELECT t.loyalty_id, t.program_id, t.company_id, t.source_type,
                       t.source_id, w.key, w.points, w.description, l.id AS lot_id,
                       least(w.points, l.remaining) AS taken,
                       row_number() OVER v AS place,
                       a.points_balance - sum(w.points) OVER v + w.points AS former
                  FROM wanted w JOIN account a ON a.id = w.loyalty_id
                  JOIN loyalty_transaction t ON t.loyalty_id = w.loyalty_id
                   AND t.idempotency_key = w.key
                  JOIN loyalty_point_lot l ON l.transaction_id = t.id
                 WHERE NOT EXISTS (
                    SELECT FROM loyalty_transaction b
                     WHERE b.loyalty_id = w.loyalty_id
                       AND b.idempotency_key = w.key || ':back')
                WINDOW v AS (PARTITION BY w.loyalty_id ORDER BY t.id))
            """,
            wanted,
        )

    def _reversal_totals(self):
        """What accounts and cards lose by it."""
        return SQL(
            """
            total AS MATERIALIZED (
                SELECT loyalty_id, sum(points) AS points, sum(points - taken) AS owed
                  FROM numbered GROUP BY 1),
            accounts AS (
                UPDATE customer_loyalty a
                   SET points_balance = a.points_balance - t.points,
                       points_lifetime = a.points_lifetime - t.points,
                       points_debt = a.points_debt + t.owed
                  FROM total t WHERE a.id = t.loyalty_id),
            cards AS (
                UPDATE loyalty_card c SET points = coalesce(c.points, 0) - t.points
                  FROM total t JOIN account a ON a.id = t.loyalty_id
                 WHERE c.id = a.card_id)
            """
        )
