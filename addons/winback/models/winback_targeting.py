from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock, start_of_day


class WinbackTargeting(models.AbstractModel):
    """Who enters a campaign today: one statement, however many customers there are."""

    _name = "winback.targeting"
    _description = "Targeting of a Win-back Campaign"
    _inherit = ["winback.filter"]

    daily_limit = fields.Integer(
        "Attempts per day", help="The richest customers first. 0: any number."
    )
    scheduled_until = fields.Date(
        readonly=True, copy=False, help="Last day on which customers were looked for."
    )
    # Two who start attempts at once change the same row: one of them begins again.
    start_turn = fields.Integer(readonly=True, copy=False)

    # ----------------------------------------------------------------------- daily
    @api.model
    def _due_today(self, now):
        """Return the campaigns that did not look for customers today."""
        found = self.search([("is_active", "=", True)], order="priority desc, id")
        return found.filtered(
            lambda c: c.scheduled_until != Clock(now).today(c.company_id)
        )

    def _enter_daily(self, now):
        """Start the day's attempts.

        :param datetime now: naive UTC
        :return: number of new attempts, the control group included
        """
        self.ensure_one()
        started = self._start(now)
        self.sudo().scheduled_until = Clock(now).today(self.company_id)
        return len(started)

    def _start(self, now, limit=None):
        """Start attempts on the candidates, the richest first; return their ids.

        :param datetime now: naive UTC
        :param int limit: at most so many, beside the daily limit
        """
        self.ensure_one()
        campaign = self.sudo().with_company(self.company_id)
        campaign._take_turn()
        room = campaign._room(now, limit)
        if room == 0:
            return []
        scope = campaign._candidate_scope(now)
        if room is not None:
            scope = campaign._richest_scope(scope, now, room)
        return campaign._enrol(scope, now)

    def _take_turn(self):
        """Collide with whoever starts attempts of this campaign at the same time.

        Locking alone would not do: under REPEATABLE READ the second one would get the
        lock and still not see what the first one started.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE winback_campaign SET start_turn = coalesce(start_turn, 0) + 1"
                " WHERE id = %s",
                self.id,
            )
        )
        self.invalidate_recordset(["start_turn"])

    def _room(self, now, limit=None):
        """Return how many attempts may start now; None for any number."""
        rooms = [] if limit is None else [limit]
        if self.daily_limit:
            rooms.append(max(self.daily_limit - self._started_today(now), 0))
        return min(rooms) if rooms else None

    def _started_today(self, now):
        """Return how many attempts began today, the control group included."""
        today = Clock(now).today(self.company_id)
        zone = self.company_id.sudo().partner_id.tz
        return self.env["winback.attempt"].search_count(
            [
                ("definition_id", "=", self.id),
                ("started_at", ">=", start_of_day(today, zone)),
            ]
        )

    # ---------------------------------------------------------------------- scopes
    def _candidate_scope(self, now):
        """Condition on ``l`` and ``rp``: the customer meets every filter.

        One after the other, in one expression: as conditions of their own they become
        joins, of which the planner expects one row at the end, and reads all customers
        anew for each of tens of thousands.
        """
        return SQL("(%s) IS NULL", self._reason_sql(now))

    def _reason_sql(self, now):
        """Expression on ``l`` and ``rp``: the first filter that keeps the customer out;
        NULL for candidates.
        """
        cases = SQL(" ").join(
            SQL("WHEN (%s) IS NOT TRUE THEN %s", condition, reason)
            for reason, condition in self._filters(now).items()
        )
        return SQL("CASE %s END", cases)

    def _richest_scope(self, scope, now, room):
        """Condition on ``l``: among the ``room`` candidates who spent most so far."""
        return SQL(
            """l.id IN (
                SELECT l.id FROM customer_lifecycle l
                  JOIN res_partner rp ON rp.id = l.customer_id
                 WHERE l.company_id = %s AND %s AND %s
                 ORDER BY l.total_revenue DESC NULLS LAST, l.customer_id LIMIT %s)""",
            self.company_id.id,
            scope,
            self._allowed_sql(now),
            room,
        )

    def _audience_scope(self):
        """A dry run looks at those who would enter today."""
        campaign = self.sudo().with_company(self.company_id)
        now = fields.Datetime.now()
        scope, room = campaign._candidate_scope(now), campaign._room(now)
        return scope if room is None else campaign._richest_scope(scope, now, room)

    # ----------------------------------------------------------------------- entry
    def _bars_sql(self, now):
        """Filters say who may be attempted again; never two at a time."""
        return SQL("r.run_state = 'running'")

    @api.model
    def _once_sql(self):
        return SQL("FALSE")

    def _enrolment_values(self, now):
        return {
            **super()._enrolment_values(now),
            "campaign_id": SQL("%s", self.id),
            "status": SQL("'active'"),
            "attempt_number": SQL("1 + %s", self._attempts_since_order_sql()),
        }

    # -------------------------------------------------------------------- dry run
    def _look(self, now):
        """Return how many customers each filter keeps out, the first one that does.

        :param datetime now: naive UTC
        :return: {reason: customers}; None is the reason of candidates
        """
        campaign = self.sudo().with_company(self.company_id)
        self.env.flush_all()
        return dict(self.env.execute_query(campaign._look_query(now)))

    def _look_query(self, now):
        return SQL(
            """
            SELECT reason, count(*) FROM (
                SELECT %s AS reason FROM customer_lifecycle l
                  JOIN res_partner rp ON rp.id = l.customer_id
                 WHERE l.company_id = %s) looked GROUP BY 1
            """,
            self._reason_sql(now),
            self.company_id.id,
        )

    def _top_query(self, now, most):
        """Select the candidates who come first."""
        return SQL(
            """
            SELECT l.customer_id, l.last_order_date, l.total_orders, l.total_revenue,
                   %s AS is_holdout
              FROM customer_lifecycle l JOIN res_partner rp ON rp.id = l.customer_id
             WHERE l.company_id = %s AND %s
             ORDER BY l.total_revenue DESC NULLS LAST, l.customer_id LIMIT %s
            """,
            self._holdout_sql(),
            self.company_id.id,
            self._candidate_scope(now),
            most,
        )
