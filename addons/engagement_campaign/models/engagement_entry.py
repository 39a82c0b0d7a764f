from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.documents import of_event, same_documents

# What several events of the timeline mean in one word.
UMBRELLAS = {"cancellation": ("subscription_ended", "account_closed")}


class EngagementEntry(models.AbstractModel):
    """Who enters a campaign when its trigger fires; one statement per campaign."""

    _name = "engagement.entry"
    _description = "Entry into a Campaign"

    def _admit(self, scope, now, context=None):
        """Let those customers in whom the campaign is for.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: naive UTC
        :param SQL context: jsonb expression on ``l``: what the trigger knows
        :return: list of ids of new enrolments
        """
        self.ensure_one()
        campaign = self.sudo().with_company(self.company_id)
        target = campaign._domain_scope(campaign._target_domain())
        # Who is not let in by the trigger need not be compared with the audience.
        return campaign._enrol(
            SQL("(%s) AND %s", scope, target),
            now,
            campaign.delay_hours,
            context=context or SQL("NULL::jsonb"),
        )

    def _enrolment_values(self, now):
        return {
            **super()._enrolment_values(now),
            "campaign_id": SQL("%s", self.id),
            "status": SQL("'active'"),
        }

    # --------------------------------------------------------------------- re-entry
    def _bars_sql(self, now):
        """Condition on ``r``: this earlier pass keeps its customer out."""
        if self.trigger_type == "milestone":
            # Each target counts once, whatever passes there were before.
            return SQL("r.run_state = 'running'")
        if self.max_sends_per_customer == 1:
            return SQL("TRUE")
        return super()._bars_sql(now)

    @api.model
    def _once_sql(self):
        """Of milestones each target counts once; of others, the number of passes."""
        return SQL(
            """
            CASE WHEN d.trigger_type = 'milestone'
                 THEN t.context->>'target' IS NOT DISTINCT FROM s.context->>'target'
                 ELSE d.max_sends_per_customer > 0 AND (
                    SELECT count(*) FROM campaign_enrollment n
                     WHERE n.definition_id = d.id AND n.customer_id = t.customer_id)
                    >= d.max_sends_per_customer END
            """
        )

    def _allowed_sql(self, now):
        allowed = super()._allowed_sql(now)
        most = self.max_sends_per_customer
        if most < 2:
            return allowed
        return SQL(
            """%s AND (SELECT count(*) FROM campaign_enrollment r
                        WHERE r.definition_id = %s
                          AND r.customer_id = l.customer_id) < %s""",
            allowed,
            self.id,
            most,
        )

    # ----------------------------------------------------------------- stage entry
    @api.model
    def _on_stages(self, transitions, now):
        """Enrol the customers who entered a stage that campaigns wait for.

        :param list transitions: as ``customer.lifecycle._on_stage_changed`` gets them
        :param datetime now: naive UTC
        """
        companies = {t["company_id"] for t in transitions}
        for company in self.env["res.company"].browse(sorted(companies)):
            mine = [t for t in transitions if t["company_id"] == company.id]
            stages = {t["to_stage"] for t in mine}
            for campaign in self._listening(
                "stage_entry", company, trigger_stage=stages
            ):
                with campaign._alone():
                    campaign._enter_stage(mine, now)

    def _enter_stage(self, transitions, now):
        origin = self.trigger_from_stage
        moved = [
            t["customer_id"]
            for t in transitions
            if t["to_stage"] == self.trigger_stage
            and (not origin or t["from_stage"] == origin)
        ]
        if moved:
            context = SQL("jsonb_build_object('stage', %s::text)", self.trigger_stage)
            self._admit(SQL("l.customer_id = ANY(%s)", moved), now, context)

    # ---------------------------------------------------------------------- events
    @api.model
    def _on_events(self, events, now):
        """Enrol the customers to whom happened what campaigns wait for.

        :param events: new ``lifecycle.event`` records
        :param datetime now: naive UTC
        """
        for company, mine in events.grouped("company_id").items():
            types = set(mine.mapped("event_type"))
            umbrellas = {u for u, kinds in UMBRELLAS.items() if types & set(kinds)}
            for campaign in self._listening(
                "event", company, event_type=types | umbrellas
            ):
                kinds = UMBRELLAS.get(campaign.event_type, (campaign.event_type,))
                with campaign._alone():
                    campaign._enter_by_events(
                        mine.filtered(lambda e, k=kinds: e.event_type in k), now
                    )
            signups = mine.filtered(lambda event: event.event_type == "signup")
            for campaign in self._listening(
                "stage_entry", company, trigger_stage=["acquired"]
            ):
                # Nobody comes back to this stage: it is entered by signing up.
                if signups and not campaign.trigger_from_stage:
                    with campaign._alone():
                        campaign._enter_by_events(signups, now)
            ordered = mine.filtered(lambda event: event.event_type == "order_confirmed")
            if ordered:
                for campaign in self._listening("milestone", company):
                    with campaign._alone():
                        campaign._enter_milestone(ordered, now)

    def _count_what_happened(self, events, now):
        """Conditions look at facts: what the events tell is to be among them."""
        rows = self.env["customer.lifecycle"].sudo()
        rows._refresh_touched(events.customer_id.ids, self.company_id, now)

    def _enter_by_events(self, events, now):
        self._count_what_happened(events, now)
        context = SQL(
            """(SELECT jsonb_strip_nulls(jsonb_build_object(
                           'event_id', e.id, 'event_type', e.event_type,
                           'res_model', e.res_model, 'res_id', e.res_id,
                           'data', e.data))
                  FROM lifecycle_event e
                 WHERE e.id = ANY(%s) AND e.customer_id = l.customer_id
                 ORDER BY e.id DESC LIMIT 1)""",
            events.ids,
        )
        customers = SQL("l.customer_id = ANY(%s)", events.customer_id.ids)
        if self.goal == "event":
            customers = SQL("%s AND %s", customers, self._unsettled_sql(events))
        self._admit(customers, self._after(events, now), context)

    def _unsettled_sql(self, events):
        """Condition on ``l``: the goal has not been reached since the event already, as
        where somebody paid before anybody heard that a payment had failed.
        """
        return SQL(
            """NOT EXISTS (
                SELECT FROM lifecycle_event t
                  JOIN lifecycle_event g ON g.customer_id = t.customer_id
                   AND g.company_id = t.company_id AND g.event_type = %s
                   AND g.occurred_at >= t.occurred_at AND %s
                 WHERE t.id = ANY(%s) AND t.customer_id = l.customer_id)""",
            self.goal_event,
            same_documents(of_event("t"), of_event("g")),
            events.ids,
        )

    # -------------------------------------------------------------------- audience
    def _audience_domain(self):
        """Return who would enter now if the trigger fired for everybody it can."""
        domain = self._target_domain()
        if self.trigger_type == "stage_entry" and self.trigger_stage:
            domain &= Domain("current_stage", "=", self.trigger_stage)
        return domain
