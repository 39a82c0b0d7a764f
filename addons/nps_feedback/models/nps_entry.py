from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock
from odoo.addons.journey_engine.tools.draw import LOTS, draw_sql

# Days that a scheduler which stood still makes up for.
CATCH_UP = 7
EVERYBODY = "[]"
# Which events of the timeline each kind of trigger waits for.
HEARD = {
    "post_order": "order_confirmed",
    "post_delivery": "delivery_done",
    "milestone": "order_confirmed",
}


class NpsEntry(models.AbstractModel):
    """Whom a survey asks, and when; one statement per survey."""

    _name = "nps.entry"
    _description = "Invitation to a Survey"

    def _invite(self, scope, now, context, seed=None):
        """Ask those customers who may be asked.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: naive UTC
        :param SQL context: jsonb expression on ``l``: what the trigger knows
        :param SQL seed: text on ``l`` that names customer and occasion, for the
            drawing of lots; everybody without
        :return: list of ids of new invitations
        """
        self.ensure_one()
        survey = self.sudo().with_company(self.company_id)
        target = survey._domain_scope(survey._audience_domain())
        scope = SQL("(%s) AND %s", scope, target)
        if seed and survey.sample_percent < 100:
            drawn = draw_sql(f"sample:{survey.code}", seed)
            lots = round(survey.sample_percent * LOTS / 100)
            scope = SQL("%s AND %s < %s", scope, drawn, lots)
        return survey._let_in(scope, now, context)

    def _let_in(self, scope, now, context, delay_hours=None):
        """Invite whom neither cooldown nor a running survey keeps out."""
        if delay_hours is None:
            delay_hours = 0 if self.trigger_type == "periodic" else self.delay_hours
        due = now + timedelta(hours=delay_hours)
        return self._enrol(
            scope,
            now,
            delay_hours,
            trigger_context=context,
            expires_at=SQL("%s", due + timedelta(days=self.valid_days)),
        )

    def _enrolment_values(self, now):
        return {**super()._enrolment_values(now), "survey_id": SQL("%s", self.id)}

    # -------------------------------------------------------------------- audience
    def _audience_domain(self):
        domain = Domain("company_id", "=", self.company_id.id)
        step = self.env["journey.step.mixin"]
        return domain & step._parse_domain(
            "target_domain", self.target_domain, "customer.lifecycle"
        )

    def _is_choosy(self):
        """Whether not everybody is asked to whom it happened."""
        return (self.target_domain or EVERYBODY).strip() != EVERYBODY

    def _bars_sql(self, now):
        """Condition on ``r``: this earlier invitation keeps its customer out."""
        bars = super()._bars_sql(now)
        if self.trigger_type != "milestone":
            return bars
        # Each number of orders counts once.
        return SQL(
            "(%s OR r.trigger_context->>'order_count' = %s)",
            bars,
            str(self.order_count),
        )

    def _allowed_sql(self, now):
        """The cooldown looks at the invitations of all surveys of the company."""
        return SQL(
            """%s AND NOT EXISTS (
                SELECT FROM nps_invitation k
                 WHERE k.customer_id = l.customer_id AND k.company_id = l.company_id
                   AND %s)""",
            super()._allowed_sql(now),
            self._cooling_sql(now),
        )

    def _cooling_sql(self, now):
        """Condition on ``k`` (nps_invitation): it is too recent to ask again.

        What never went out, or came back, has asked nobody.
        """
        return SQL(
            """(k.run_state = 'running' OR k.sent_at IS NOT NULL
                OR k.answered_at IS NOT NULL)
               AND coalesce(k.sent_at, k.anchor_at) > %s""",
            now - timedelta(days=self.cooldown_days),
        )

    # ---------------------------------------------------------------------- events
    @api.model
    def _on_events(self, events, now):
        """Ask the customers to whom happened what surveys wait for.

        :param events: new ``lifecycle.event`` records
        :param datetime now: naive UTC
        """
        for company, mine in events.grouped("company_id").items():
            for trigger_type, heard in HEARD.items():
                found = mine.filtered(lambda e, h=heard: e.event_type == h)
                surveys = self.browse()
                if found:
                    surveys = self._listening(trigger_type, company)
                if any(survey._is_choosy() for survey in surveys):
                    rows = self.env["customer.lifecycle"].sudo()
                    rows._refresh_touched(found.customer_id.ids, company, now)
                for survey in surveys:
                    with survey._alone():
                        getattr(survey, f"_ask_{trigger_type}")(found, now)

    def _ask_post_order(self, events, now):
        if self.channel == "website":
            # The shop asks by itself, on the page after checkout.
            return []
        return self._ask_about(
            events,
            now,
            SQL("jsonb_build_object('order_id', e.res_id)"),
            SQL("k.trigger_context->'order_id' = to_jsonb(e.res_id)"),
        )

    def _ask_post_delivery(self, events, now):
        return self._ask_about(
            events,
            now,
            SQL(
                """(SELECT jsonb_strip_nulls(jsonb_build_object(
                            'order_id', sp.sale_id, 'delivery_id', e.res_id))
                      FROM stock_picking sp WHERE sp.id = e.res_id)"""
            ),
            SQL("k.trigger_context->'delivery_id' = to_jsonb(e.res_id)"),
        )

    def _ask_about(self, events, now, context, asked):
        """Ask about the newest event of each customer that nobody was asked about.

        :param SQL context: jsonb expression on ``e`` (lifecycle_event)
        :param SQL asked: condition on ``e`` and ``k`` (nps_invitation)
        """
        newest = SQL(
            """FROM lifecycle_event e
              WHERE e.id = ANY(%s) AND e.customer_id = l.customer_id
                AND NOT EXISTS (
                    SELECT FROM nps_invitation k
                     WHERE k.definition_id = %s AND k.customer_id = e.customer_id
                       AND %s)
              ORDER BY e.id DESC LIMIT 1""",
            events.ids,
            self.id,
            asked,
        )
        return self._invite(
            SQL("EXISTS (SELECT %s)", newest),
            self._after(events, now),
            SQL("(SELECT %s %s)", context, newest),
            SQL("(SELECT l.customer_id || ':' || e.event_key %s)", newest),
        )

    def _ask_milestone(self, events, now):
        return self._invite(
            SQL(
                "l.customer_id IN (%s)",
                self._query_orders_reached(events, self.order_count),
            ),
            self._after(events, now),
            SQL(
                """(SELECT jsonb_build_object('order_id', o.id, 'order_count', %s)
                      FROM (%s) o WHERE o.customer_id = l.customer_id
                       AND o.number = %s LIMIT 1)""",
                self.order_count,
                self._ranked_orders_query(events),
                self.order_count,
            ),
            SQL("(l.customer_id || ':order:' || %s)", self.order_count),
        )

    # -------------------------------------------------------------------- periodic
    def action_start(self):
        """Days that passed while the survey was switched off are no news."""
        for survey in self.filtered(lambda s: not s.is_active):
            today = Clock(fields.Datetime.now()).today(survey.company_id)
            survey.sudo().scheduled_until = today - timedelta(days=1)
        return super().action_start()

    def _ask_periodic(self, now):
        """Ask those whose day has come since the survey was looked at last.

        :param datetime now: naive UTC
        :return: list of ids of new invitations
        """
        self.ensure_one()
        today = Clock(now).today(self.company_id)
        seen = self.scheduled_until or today - timedelta(days=1)
        days = min((today - seen).days, CATCH_UP)
        if days <= 0:
            return []
        entered = self._invite(
            self._periodic_scope(today, days, now),
            now,
            SQL("jsonb_build_object('day', %s::text)", today.isoformat()),
            SQL("(l.customer_id || ':%s')", today.toordinal() // self.every_days),
        )
        self.sudo().scheduled_until = today
        return entered

    def _periodic_scope(self, today, days, now):
        """Who was asked before is due again by that; all others on a day of their own,
        so that the customers of a shop are spread over the period.
        """
        mine = SQL(
            """SELECT FROM nps_invitation k WHERE k.definition_id = %s
                AND k.customer_id = l.customer_id AND k.company_id = l.company_id""",
            self.id,
        )
        lot = draw_sql(f"day:{self.code}", SQL("l.customer_id"))
        return SQL(
            """CASE WHEN EXISTS (%(mine)s)
                    THEN NOT EXISTS (%(mine)s AND k.started_at > %(since)s)
                    ELSE mod(%(day)s + %(lot)s, %(period)s) < %(days)s END""",
            mine=mine,
            since=now - timedelta(days=self.every_days),
            day=today.toordinal(),
            lot=lot,
            period=self.every_days,
            days=days,
        )

    @api.model
    def _cron_ask_periodic(self):
        """Ask regularly; each survey is kept on its own."""
        now = fields.Datetime.now()
        engine = self.env["lifecycle.engine"]
        commit = self.env["ir.cron"]._commit_progress
        found = self.sudo().search(
            [("is_active", "=", True), ("trigger_type", "=", "periodic")],
            order="priority desc, id",
        )
        due = found.filtered(
            lambda s: s.scheduled_until != Clock(now).today(s.company_id)
        )
        for survey in due:
            engine._insist(lambda s=survey: s._ask_periodic(now))
            if not commit(1):
                return
