from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock, start_of_day
from odoo.addons.customer_lifecycle.tools.json_view import whole


class LoyaltyLedgerHolds(models.AbstractModel):
    """Limits of many at once: birthdays and sign-ups trip them as orders do."""

    _name = "loyalty.ledger.holds"
    _description = "Loyalty Ledger: holds"

    @api.model
    def _earn_within_limits(self, program, wanted, now):
        """Credit what a query says; what trips a limit is held for review, and what a
        person turned down stays so.

        :param program: ``loyalty.program`` of all accounts
        :param SQL wanted: as of ``_earn_batch``, one row per account
        :param datetime now: naive UTC
        :return: (rows, points) that were credited
        """
        limits = self.env["loyalty.program"]._limits(program.id)
        if limits.earning or limits.earnings:
            self.env.flush_all()
            self.env.cr.execute(self._hold_query(program, wanted, limits, now))
            self.env["loyalty.pending"].invalidate_model()
        open_rows = SQL(
            """
            SELECT w.* FROM (%s) w
             WHERE NOT EXISTS (
                SELECT FROM loyalty_pending p WHERE p.loyalty_id IN (%s)
                   AND p.idempotency_key = w.key)
            """,
            wanted,
            self._family(SQL("w.loyalty_id")),
        )
        return self._earn_batch(open_rows, now)

    def _hold_query(self, program, wanted, limits, now):
        """Note what trips a limit. The accounts are written, too: who earns at the same
        time must see it, and starts again.
        """
        return SQL(
            """
            WITH held AS (
                INSERT INTO loyalty_pending (loyalty_id, company_id, program_id,
                    points, gross, available_at, source_type, source_id,
                    source_description, idempotency_key, state, reason, earned_at,
                    create_uid, create_date)
                SELECT loyalty_id, %(company)s, %(program)s, points, points, %(now)s,
                       source_type, source_id, description, key, 'held', reason,
                       %(now)s, %(user)s, now() AT TIME ZONE 'UTC'
                  FROM (SELECT w.*, %(reason)s AS reason FROM (%(wanted)s) w) r
                 WHERE reason IS NOT NULL AND points > 0 AND NOT EXISTS (
                    SELECT FROM loyalty_transaction t
                     WHERE t.loyalty_id IN (%(family)s) AND t.idempotency_key = r.key)
                    ON CONFLICT DO NOTHING
                RETURNING loyalty_id)
            UPDATE customer_loyalty SET write_date = now() AT TIME ZONE 'UTC'
             WHERE id IN (SELECT loyalty_id FROM held)
            """,
            company=program.company_id.id or None,
            program=program.id,
            now=now,
            user=self.env.uid,
            reason=self._reason_sql(program, limits, now),
            wanted=wanted,
            family=self._family(SQL("r.loyalty_id")),
        )

    def _reason_sql(self, program, limits, now):
        """Why row ``w`` is held, as a text; NULL for what is within the limits."""
        account, cases = SQL("w.loyalty_id"), []
        if limits.earning:
            company = program.company_id or self.env.company.sudo()
            since = start_of_day(Clock(now).today(company), company.partner_id.tz)
            total = self._earned_query(account, since, now)
            text = self.env._("More than %s points on one day", whole(limits.earning))
            over = SQL("(%s) + w.points > %s", total, limits.earning)
            cases.append(SQL("WHEN %s THEN %s", over, text))
        if limits.earnings:
            count = self._earnings_query(account, limits.hours, now)
            text = self.env._(
                "More than %(limit)s earnings within %(hours)s hours",
                limit=limits.earnings,
                hours=limits.hours,
            )
            over = SQL("(%s) >= %s", count, limits.earnings)
            cases.append(SQL("WHEN %s THEN %s", over, text))
        return SQL("CASE %s END", SQL(" ").join(cases))
