from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Which customers a kind of journey is for, the most special first; the others walk
# the standard one. Conditions on ``l`` (customer_lifecycle).
KINDS = {
    "subscription": SQL("(l.has_active_subscription OR l.subscription_count > 0)"),
    "b2b": SQL(
        """EXISTS (SELECT FROM res_partner k
                    WHERE k.id = l.customer_id AND k.is_company)"""
    ),
    "premium": SQL("l.clv_segment = 'vip'"),
}
# Somebody of the customer can log in to the portal.
HAS_LOGIN = SQL(
    """EXISTS (SELECT FROM res_users u JOIN res_partner k ON k.id = u.partner_id
                WHERE k.commercial_partner_id = l.customer_id AND u.share AND u.active)
    """
)


class OnboardingStart(models.AbstractModel):
    """Who begins a journey, and which."""

    _name = "onboarding.start"
    _description = "Start of Onboarding"

    start_hint = fields.Char(compute="_compute_start_hint")

    @api.depends("is_active", "journey_type", "priority", "company_id")
    def _compute_start_hint(self):
        """Say why nobody begins a journey that is switched on, if that is so."""
        for journey in self:
            journey.start_hint = journey.is_active and journey._why_nobody_begins()

    def _why_nobody_begins(self):
        company = self.company_id.sudo()
        if not (company.onboarding_on_signup or company.onboarding_on_first_order):
            return self.env._(
                "Nobody begins by themselves: switch on who does under Configuration > "
                "Settings > Onboarding."
            )
        first = self._by_type(company).get(self.journey_type)
        if first and first != self._origin:
            return self.env._(
                "New customers of this kind begin %s: give this journey a higher "
                "priority, or stop the other one.",
                first.name,
            )
        return False

    @api.model
    def _by_type(self, company):
        """Return {journey type: the switched-on journey of a company}."""
        found = self.sudo().search(
            [("is_active", "=", True), ("company_id", "=", company.id)],
            order="priority desc, id",
        )
        journeys = {}
        for journey in found:
            journeys.setdefault(journey.journey_type, journey)
        return journeys

    @api.model
    def _scopes(self, company):
        """Return [(journey, condition on ``l``)]: who walks which by default."""
        journeys, others, scopes = self._by_type(company), SQL("TRUE"), []
        for kind, condition in KINDS.items():
            if kind in journeys:
                scope = SQL("(%s AND coalesce(%s, FALSE))", others, condition)
                scopes.append((journeys[kind], scope))
                others = SQL("(%s AND NOT coalesce(%s, FALSE))", others, condition)
        if "standard" in journeys:
            scopes.append((journeys["standard"], others))
        return scopes

    @api.model
    def _default_for(self, customer, company):
        """Return the journey that a customer walks by default, if there is one."""
        self.env.flush_all()
        for journey, scope in self._scopes(company):
            query = SQL(
                """SELECT l.id FROM customer_lifecycle l
                    WHERE l.customer_id = %s AND l.company_id = %s AND %s""",
                customer.id,
                company.id,
                scope,
            )
            if self.env.execute_query(query):
                return journey
        return self.browse()

    @api.model
    def _on_events(self, events, now):
        """Let those begin who signed up or, as guests, ordered for the first time.

        :param events: new ``lifecycle.event`` records
        :param datetime now: naive UTC
        """
        for company, mine in events.grouped("company_id").items():
            moment = max([now, *mine.mapped("occurred_at")]) + timedelta(seconds=1)
            company = company.sudo()
            signups = mine.filtered(
                lambda e: e.event_type in ("signup", "account_opened")
            )
            if signups and company.onboarding_on_signup:
                self._begin_for(signups.customer_id.ids, HAS_LOGIN, company, moment)
            firsts = mine.filtered(lambda e: e.event_type == "first_order_placed")
            if firsts and company.onboarding_on_first_order:
                guests = SQL("NOT %s", HAS_LOGIN)
                self._begin_for(firsts.customer_id.ids, guests, company, moment)

    @api.model
    def _begin_for(self, customers, condition, company, now):
        """Let customers begin the journeys of their kinds; one statement per journey.

        :param list customers: ids of commercial partners
        :param SQL condition: on ``l``
        """
        rows = self.env["customer.lifecycle"].sudo()
        # Facts may be counted later; whoever something happens to is a customer.
        rows._insert_missing([(customer, company.id) for customer in customers])
        for journey, scope in self._scopes(company):
            journey.with_company(company)._enrol(
                SQL(
                    "l.customer_id = ANY(%s) AND %s AND %s", customers, condition, scope
                ),
                now,
            )
