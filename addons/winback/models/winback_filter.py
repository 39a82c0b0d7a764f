from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.bounds import check_range, named
from odoo.addons.customer_lifecycle.tools.clock import Clock, start_of_day
from odoo.addons.customer_lifecycle.tools.json_view import JsonView, domain_of
from odoo.addons.customer_preference.const import CHANNEL_KEYS
from odoo.addons.journey_engine.models.journey_enrolment import ADDRESSEE
from odoo.addons.journey_engine.models.journey_scheduler_outcome import INSTANT
from odoo.addons.journey_engine.tools.conditions import condition_json

# Channels on which the policy is asked.
ASKED = (*CHANNEL_KEYS, "preferred")
DAYS = (1, 3650)
RANGES = {
    "min_days_inactive": DAYS,
    "max_days_inactive": DAYS,
    "min_previous_orders": (1, 10**6),
    "min_previous_spend": (0, 10**12),
    "max_attempts": (1, 100),
    "cooldown_days": (0, 3650),
    "daily_limit": (0, 10**8),
    "target_rate": (0, 100),
}


class WinbackFilter(models.AbstractModel):
    """Whom a campaign wants back, as conditions that each have a name.

    All conditions are on alias ``l`` (customer_lifecycle) and ``rp`` (its customer).
    """

    _name = "winback.filter"
    _description = "Filters of a Win-back Campaign"

    currency_id = fields.Many2one("res.currency")
    min_days_inactive = fields.Integer("Gone for at least (days)", default=30)
    max_days_inactive = fields.Integer("Gone for at most (days)", default=180)
    min_previous_orders = fields.Integer("Orders at least", default=1)
    min_previous_spend = fields.Monetary("Spent at least")
    exclude_conditions = JsonView(shape=(list, dict), copy=True)
    exclude_domain = fields.Char(
        "Not for customers who match",
        compute="_compute_exclude_domain",
        inverse="_inverse_exclude_domain",
    )
    max_attempts = fields.Integer(
        "Attempts per customer",
        default=3,
        help="Of this campaign, counted since the customer's last order.",
    )
    cooldown_days = fields.Integer(
        "Days between attempts",
        default=90,
        help="After the end of the last attempt on a customer, over all win-back "
        "campaigns of the company.",
    )

    @api.depends("exclude_conditions")
    def _compute_exclude_domain(self):
        for campaign in self:
            campaign.exclude_domain = str(domain_of(campaign.exclude_conditions))

    def _inverse_exclude_domain(self):
        step = self.env["journey.step.mixin"]
        for campaign in self:
            domain = step._parse_domain(
                "exclude_domain", campaign.exclude_domain, "customer.lifecycle", False
            )
            campaign.exclude_conditions = condition_json(domain)

    # ----------------------------------------------------------------- constraints
    @api.constrains(*RANGES)
    def _check_filter_ranges(self):
        for campaign in self:
            for name, bounds in RANGES.items():
                check_range(campaign, name, *bounds)
            low, high = campaign.min_days_inactive, campaign.max_days_inactive
            if low > high:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(low)s is more than %(other)s: %(high)s; allowed "
                        "are 1 to %(high)s.",
                        name=named(campaign, "min_days_inactive"),
                        other=named(campaign, "max_days_inactive"),
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("exclude_conditions")
    def _check_exclude_conditions(self):
        step = self.env["journey.step.mixin"]
        for campaign in self:
            text = str(domain_of(campaign.exclude_conditions))
            step._check_domain("exclude_conditions", text, "customer.lifecycle")

    # --------------------------------------------------------------------- filters
    def _filters(self, now):
        """Return {reason: condition that a candidate meets}, the first to ask first.

        :param datetime now: naive UTC
        """
        today = Clock(now).today(self.company_id)
        first = today - timedelta(days=self.max_days_inactive)
        last = today - timedelta(days=self.min_days_inactive)
        return {
            "archived": SQL("rp.active IS TRUE"),
            "no_order": SQL("l.last_order_date IS NOT NULL"),
            "too_recent": SQL("l.last_order_date <= %s", last),
            "too_long_ago": SQL("l.last_order_date >= %s", first),
            "few_orders": SQL("l.total_orders >= %s", self.min_previous_orders),
            "low_spend": SQL("l.total_revenue >= %s", self.min_previous_spend),
            "subscribed": SQL("l.has_active_subscription IS NOT TRUE"),
            "excluded": self._not_excluded_sql(),
            "in_attempt": self._no_attempt_sql(SQL("r.run_state = 'running'")),
            "exclusive_group": self._group_free_sql(),
            "cooldown": self._no_attempt_sql(
                SQL(
                    "coalesce(r.completed_at, r.started_at) > %s",
                    now - timedelta(days=self.cooldown_days),
                )
                if self.cooldown_days
                else SQL("FALSE")
            ),
            "attempts_used": SQL(
                "%s < %s", self._attempts_since_order_sql(), self.max_attempts
            ),
            "not_reachable": self._reachable_sql(),
            "ordered_since": self._no_news_sql(last),
        }

    def _filter_labels(self):
        return {
            "archived": self.env._("Contact archived"),
            "no_order": self.env._("Never ordered"),
            "too_recent": self.env._("Ordered too recently"),
            "too_long_ago": self.env._("Gone for too long"),
            "few_orders": self.env._("Too few orders"),
            "low_spend": self.env._("Spent too little"),
            "subscribed": self.env._("Has a subscription"),
            "excluded": self.env._("Left out by your conditions"),
            "in_attempt": self.env._("In another attempt"),
            "exclusive_group": self.env._("Walks another journey"),
            "cooldown": self.env._("Attempted not long ago"),
            "attempts_used": self.env._("No attempts left"),
            "not_reachable": self.env._("Opted out of all its messages"),
            "ordered_since": self.env._("Ordered a moment ago"),
            "daily_limit": self.env._("Beyond the daily limit"),
        }

    def _not_excluded_sql(self):
        if not self.exclude_conditions:
            return SQL("TRUE")
        # Read with all rights, as each writer's were asked when it was written.
        rows = self.env["customer.lifecycle"].sudo()
        domain = Domain(domain_of(self.exclude_conditions))
        domain &= Domain("company_id", "=", self.company_id.id)
        found = rows._search(domain)
        return SQL("NOT EXISTS (SELECT FROM %s x WHERE x.id = l.id)", found.subselect())

    def _no_attempt_sql(self, condition):
        """No attempt ``r`` of any campaign on this customer meets the condition."""
        return SQL(
            """NOT EXISTS (SELECT FROM winback_attempt r
                WHERE r.customer_id = l.customer_id AND r.company_id = l.company_id
                  AND %s)""",
            condition,
        )

    def _group_free_sql(self):
        if not self.exclusive_group:
            return SQL("TRUE")
        return SQL(
            """NOT EXISTS (SELECT FROM journey_slot s
                WHERE s.customer_id = l.customer_id AND s.company_id = l.company_id
                  AND s.exclusive_group = %s AND s.priority >= %s)""",
            self.exclusive_group,
            self.priority,
        )

    def _attempts_since_order_sql(self):
        """Number of attempts of this campaign since the customer's last order."""
        return SQL(
            """(SELECT count(*) FROM winback_attempt r
                 WHERE r.customer_id = l.customer_id AND r.definition_id = %s
                   AND r.started_at >= l.last_order_at)""",
            self.id,
        )

    def _no_news_sql(self, last):
        """No order since the facts were counted: read from the orders themselves."""
        zone = self.company_id.sudo().partner_id.tz
        return SQL(
            """NOT EXISTS (
                SELECT FROM res_partner p JOIN sale_order o ON o.partner_id = p.id
                 WHERE p.commercial_partner_id = l.customer_id
                   AND o.company_id = l.company_id AND o.state = 'sale'
                   AND o.date_order >= %s)""",
            start_of_day(last + timedelta(days=1), zone),
        )

    # ------------------------------------------------------------------ not reachable
    def _reachable_sql(self):
        """Who said no to messages of the campaign, and agrees to none of them, is not
        wooed: each attempt would end with the first message. The policy is asked for
        every message all the same; who never said anything is wooed as ever.
        """
        channels = self._marketing_channels()
        if not channels:
            return SQL("TRUE")
        policy = self.env["contact.policy"].with_company(self.company_id)
        topic = self._contact_topic()
        # Most never said no: one look at a set that is made once.
        refusals = SQL(" UNION ALL ").join(
            policy._refusers_query(channel, topic) for channel in channels
        )
        ways = [SQL("%s NOT IN (%s)", ADDRESSEE, refusals)]
        if len(channels) > 1:
            ways += [policy._welcome_sql(ADDRESSEE, c, topic) for c in channels]
        return SQL("(%s)", SQL(" OR ").join(ways))

    def _marketing_channels(self):
        """Return the channels on which the campaign may write, in order; none if it
        does something for customers that needs no consent to marketing.
        """
        found = set()
        for step in self.step_ids.filtered(lambda step: step.kind == "message"):
            category = step.category or self.category
            if step.channel not in ASKED or category != "marketing":
                return []
            if step.channel == "preferred":
                found |= {"email", *filter(step._has_content, INSTANT)}
            else:
                found.add(step.channel)
        return sorted(found)
