from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL, split_every

# Accounts in one transaction.
AT_ONCE = 5000


class LoyaltyExpiry(models.AbstractModel):
    """What is left of lots whose time is over expires, many accounts at a time."""

    _name = "loyalty.expiry"
    _description = "Expiry of Points"

    @api.model
    def _cron_expire(self):
        """Expire points, a batch of accounts at a time; each is kept."""
        engine = self.env["lifecycle.engine"]
        commit = self.env["ir.cron"]._commit_progress
        now = fields.Datetime.now()
        while due := self._due_accounts(now):
            found = 0
            for batch in split_every(AT_ONCE, due, list):
                expire = partial(self._expire, now, batch)
                done = (engine._insist(expire) or (0,))[0]
                found += done
                if not commit(done):
                    return
            if not found:
                return

    @api.model
    def _expire_all(self, now):
        """Expire everything that is due; return the number of lots."""
        lots = 0
        while due := self._due_accounts(now):
            expired = sum(
                self._expire(now, batch)[1] for batch in split_every(AT_ONCE, due, list)
            )
            lots += expired
            if not expired:
                break
        return lots

    @api.model
    def _due_accounts(self, now):
        """Return ids of the accounts with lots that are due.

        Looked for once, not again for each batch: those that are done would be in the
        way more and more.

        :param datetime now: naive UTC
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT loyalty_id FROM loyalty_point_lot"
                " WHERE remaining > 0 AND expires_at <= %s ORDER BY 1",
                now,
            )
        )
        return [number for (number,) in rows]

    @api.model
    def _expire(self, now, accounts, history=False):
        """Expire the due lots of some accounts, in one statement.

        Accounts that somebody else works on are passed over; their turn comes.

        :param datetime now: naive UTC
        :param list accounts: ids of the accounts to look at
        :param bool history: True for what is no news: nobody is told
        :return: (accounts, lots, points)
        """
        self.env.flush_all()
        self.env.cr.execute(self._expire_query(now, accounts, history))
        done, lots, points = self.env.cr.fetchone()
        if done:
            if not history:
                self.env["lifecycle.event"]._wake()
            for name in ("customer.loyalty", "loyalty.card", "loyalty.point.lot"):
                self.env[name].invalidate_model()
        return done, lots, points

    def _expire_query(self, now, accounts, history):
        return SQL(
            """
            %(due)s,
            tx AS (
                INSERT INTO loyalty_transaction (loyalty_id, program_id, company_id,
                    transaction_type, points, balance_before, balance_after,
                    source_type, created_at, user_id)
                SELECT a.id, a.program_id, a.company_id, 'expire', -t.points,
                       a.points_balance, a.points_balance - t.points,
                       'loyalty.expiry', %(now)s, %(user)s
                  FROM total t JOIN account a ON a.id = t.loyalty_id
                RETURNING id, loyalty_id),
            moves AS (
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT lot.id, tx.id, -lot.remaining
                  FROM lot JOIN tx ON tx.loyalty_id = lot.loyalty_id),
            event AS (%(event)s),
            lots AS (
                UPDATE loyalty_point_lot l SET remaining = 0 FROM lot
                 WHERE l.id = lot.id),
            accounts AS (
                UPDATE customer_loyalty a
                   SET points_balance = a.points_balance - t.points,
                       points_expired = a.points_expired + t.points
                  FROM total t WHERE a.id = t.loyalty_id),
            cards AS (
                UPDATE loyalty_card c SET points = coalesce(c.points, 0) - t.points
                  FROM total t JOIN account a ON a.id = t.loyalty_id
                 WHERE c.id = a.card_id)
            SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM lot),
                   (SELECT coalesce(sum(points), 0)::float8 FROM total)
            """,
            due=self._due_parts(now, accounts),
            event=self._expired_events(now, history),
            now=now,
            user=self.env.uid,
        )

    def _expired_events(self, now, history):
        """The timeline of each customer whose points expired."""
        return SQL(
            """
            INSERT INTO lifecycle_event (customer_id, company_id, event_type,
                event_key, occurred_at, res_model, res_id, data, is_pending)
            SELECT a.member_id, coalesce(a.company_id, %(company)s), 'points_expired',
                   'points_expired:' || tx.id, %(now)s, 'loyalty.transaction', tx.id,
                   jsonb_build_object('points', -t.points), %(news)s
              FROM tx JOIN account a ON a.id = tx.loyalty_id
              JOIN total t ON t.loyalty_id = a.id
                ON CONFLICT DO NOTHING
            """,
            company=self.env.company.id,
            now=now,
            news=not history,
        )

    def _due_parts(self, now, accounts):
        """The accounts of this batch, locked, and what they lose."""
        # An array out of a subquery counts as a few accounts, which are looked up; of
        # one that it can count PostgreSQL reads all lots there are for every batch.
        return SQL(
            """
            WITH account AS MATERIALIZED (
                SELECT a.id, a.card_id, a.program_id, a.company_id, a.points_balance,
                       p.commercial_partner_id AS member_id
                  FROM customer_loyalty a JOIN res_partner p ON p.id = a.customer_id
                 WHERE a.id = ANY((SELECT %(accounts)s::int[])::int[]) AND EXISTS (
                    SELECT FROM loyalty_point_lot l
                     WHERE l.loyalty_id = a.id AND l.remaining > 0
                       AND l.expires_at <= %(now)s)
                 ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED),
            lot AS MATERIALIZED (
                SELECT l.id, l.loyalty_id, l.remaining
                  FROM loyalty_point_lot l JOIN account a ON a.id = l.loyalty_id
                 WHERE l.remaining > 0 AND l.expires_at <= %(now)s),
            total AS MATERIALIZED (
                SELECT loyalty_id, sum(remaining) AS points FROM lot GROUP BY 1)
            """,
            now=now,
            accounts=accounts,
        )
