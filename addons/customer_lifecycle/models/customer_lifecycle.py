from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import NEVER, STAGE_KEYS, STAGES, TRENDS, TRIGGER_KEYS


class CustomerLifecycle(models.Model):
    _name = "customer.lifecycle"
    _description = "Customer Lifecycle"
    _inherit = [
        "lifecycle.members",
        "lifecycle.facts",
        "lifecycle.subscriptions",
        "lifecycle.scores",
        "lifecycle.rules",
        "lifecycle.evaluation",
        "lifecycle.attention",
        "lifecycle.silence",
        "lifecycle.value",
        "lifecycle.orders",
    ]
    _rec_name = "customer_id"
    _rec_names_search = ["customer_id.name", "customer_id.email"]
    _order = "churn_risk_score desc, id"

    # The unique index of customer and company serves look-ups by customer.
    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        related="customer_id.user_id", string="Salesperson", search="_search_user_id"
    )
    active = fields.Boolean(related="customer_id.active")
    current_stage = fields.Selection(
        STAGES,
        string="Stage",
        required=True,
        default="acquired",
        index=True,
        readonly=True,
        group_expand=True,
    )
    previous_stage = fields.Selection(STAGES, readonly=True)
    stage_changed_at = fields.Datetime("In stage since", readonly=True)
    stage_pinned_until = fields.Date("Stage set by hand until", readonly=True)
    customer_since = fields.Date(readonly=True)
    days_as_customer = fields.Integer(
        compute="_compute_days", search="_search_days_as_customer"
    )
    total_orders = fields.Integer("Orders", readonly=True)
    total_revenue = fields.Monetary("Revenue", readonly=True)
    first_order_date = fields.Date("First order", readonly=True)
    last_order_date = fields.Date("Last order", readonly=True)
    days_since_last_order = fields.Integer(
        compute="_compute_days", search="_search_days_since_last_order"
    )
    average_order_gap = fields.Float("Average gap (days)", readonly=True)
    engagement_score = fields.Integer("Engagement", readonly=True, aggregator="avg")
    engagement_attainable = fields.Integer(readonly=True, default=55, aggregator="avg")
    engagement_trend = fields.Selection(TRENDS, readonly=True, default="stable")
    health_score = fields.Integer("Health", readonly=True, aggregator="avg")
    churn_risk_score = fields.Float("Churn risk", readonly=True, aggregator="avg")
    clv_segment = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("vip", "VIP")],
        "Value tier",
    )
    onboarding_status = fields.Selection(
        [
            ("not_started", "Not Started"),
            ("in_progress", "In Progress"),
            ("completed", "Completed"),
            ("skipped", "Skipped"),
        ],
        default="not_started",
        required=True,
        readonly=True,
    )
    onboarding_started_at = fields.Datetime(readonly=True)
    onboarding_completed_at = fields.Datetime(readonly=True)
    onboarding_completion_rate = fields.Float(readonly=True, aggregator="avg")
    has_active_subscription = fields.Boolean("Subscribed", readonly=True)
    subscription_count = fields.Integer("Subscriptions", readonly=True)
    subscription_mrr = fields.Monetary("Monthly recurring revenue", readonly=True)
    last_renewal_date = fields.Date(readonly=True)
    first_subscription_date = fields.Date(readonly=True)
    churned_at = fields.Datetime(readonly=True)
    won_back_at = fields.Datetime(readonly=True)
    next_evaluation_date = fields.Date(readonly=True, index=True)
    evaluated_on = fields.Date(readonly=True, index=True)
    updated_at = fields.Datetime(readonly=True)
    revenue_at_stake = fields.Monetary(
        readonly=True,
        help="Churn risk times the customer's yearly revenue so far.",
    )
    # What the batches need to know about the facts themselves.
    facts_on = fields.Date(
        readonly=True,
        help="Day for which the order facts hold; empty: to be counted again.",
    )
    last_order_at = fields.Datetime(readonly=True)
    next_order_date = fields.Date(
        readonly=True, help="First order dated in the future: it counts from that day."
    )
    stage_history_ids = fields.One2many("lifecycle.stage.history", "lifecycle_id")

    _customer_company_uniq = models.UniqueIndex(
        "(customer_id, company_id)", "A customer has one row per company."
    )
    _engagement_idx = models.Index("(engagement_score DESC)")
    _churn_risk_idx = models.Index("(churn_risk_score DESC)")
    _stale_facts_idx = models.Index("(id) WHERE facts_on IS NULL")
    _next_order_idx = models.Index(
        "(next_order_date) WHERE next_order_date IS NOT NULL"
    )
    _attention_idx = models.Index(
        "(company_id, revenue_at_stake DESC) WHERE current_stage = 'at_risk'"
    )

    # ------------------------------------------------------------ compute, search
    @api.depends("customer_since", "last_order_date")
    @api.depends_context("company", "uid")
    def _compute_days(self):
        today = {c: self._local_today(c) for c in self.company_id}
        for row in self:
            day = today.get(row.company_id)
            since, last = row.customer_since, row.last_order_date
            row.days_as_customer = (day - since).days if since else 0
            row.days_since_last_order = (day - last).days if last else NEVER

    @api.model
    def _local_today(self, company, now=None):
        """Return the date in ``company``'s time zone at ``now`` (UTC)."""
        return self.env["lifecycle.engine"]._clock(now).today(company)

    @api.model
    def _search_user_id(self, operator, value):
        return [("customer_id.user_id", operator, value)]

    # -------------------------------------------------------------- public service
    def update_stage(self, new_stage, trigger_type="automatic", trigger_details=None):
        """Move one customer to another stage.

        :param str new_stage: key of a stage (see ``current_stage``)
        :param str trigger_type: automatic, manual, event or scheduled; ``manual``
            pins the stage for the policy's ``pin_days`` or until the next order
        :param dict trigger_details: why, kept in the history
        :return: True when the stage changed, False when it already was so
        :raises ValidationError: unknown stage, trigger type or kind of details
        :raises AccessError: the user is no marketer, or the row is of a foreign company
        """
        self.env["lifecycle.engine"]._check_marketer()
        if len(self) != 1:
            raise ValidationError(self.env._("ids: one customer at a time."))
        self.check_access("read")
        self._check_allowed("new_stage", new_stage, STAGE_KEYS)
        self._check_allowed("trigger_type", trigger_type, TRIGGER_KEYS)
        self.env["lifecycle.stage.history"]._check_details(trigger_details)
        if self.current_stage == new_stage:
            return False
        self.sudo()._move_to(new_stage, trigger_type, trigger_details or {})
        return True

    def _check_allowed(self, name, value, allowed):
        if value not in allowed:
            raise ValidationError(
                self.env._(
                    "%(name)s: unknown value %(value)s; allowed are %(allowed)s.",
                    name=name,
                    value=repr(value)[:50],
                    allowed=", ".join(allowed),
                )
            )

    def _move_to(self, new_stage, trigger_type, details):
        now = fields.Datetime.now()
        old_stage = self.current_stage
        pinned = self._pin_end(now) if trigger_type == "manual" else False
        self.write(
            {
                "previous_stage": old_stage,
                "current_stage": new_stage,
                "stage_changed_at": now,
                "attention_since": now,
                "escalated_at": False,
                "stage_pinned_until": pinned,
                "next_evaluation_date": self._local_today(self.company_id, now),
                "updated_at": now,
            }
        )
        history = self.env["lifecycle.stage.history"]._log_transition(
            self,
            old_stage,
            trigger_type,
            {"rule": trigger_type, **details, "user_id": self.env.uid},
            now,
        )
        self._on_stage_changed(history._as_transitions())

    def _pin_end(self, now):
        policy = self.env["lifecycle.policy"]._ensure(self.company_id)
        return self._local_today(self.company_id, now) + timedelta(days=policy.pin_days)

    def _api_values(self):
        """Return the rows as ``lifecycle.engine.get_customers`` gives them out."""
        names = [name for name in self._api_fields() if name in self._fields]
        rows = self.read(names, load=False)
        labels = {row.id: row.customer_id.display_name for row in self}
        return [values | {"customer_name": labels[values["id"]]} for values in rows]

    @api.model
    def _api_fields(self):
        """Names of the fields that integrators get; an addon adds its own."""
        return [
            "customer_id",
            "company_id",
            "current_stage",
            "previous_stage",
            "stage_changed_at",
            "stage_pinned_until",
            "customer_since",
            "days_as_customer",
            "total_orders",
            "total_revenue",
            "currency_id",
            "first_order_date",
            "last_order_date",
            "days_since_last_order",
            "average_order_gap",
            "engagement_score",
            "engagement_attainable",
            "engagement_trend",
            "health_score",
            "churn_risk_score",
            "clv_segment",
            "onboarding_status",
            "has_active_subscription",
            "subscription_count",
            "subscription_mrr",
            "churned_at",
            "won_back_at",
            "revenue_at_stake",
            "next_evaluation_date",
        ]

    # ----------------------------------------------------------------------- hooks
    @api.model
    def _on_stage_changed(self, transitions):
        """Batch hook: these customers changed stage a moment ago.

        Called once per batch with news only, never for history (import, back-fill).

        :param list transitions: dicts with history_id, lifecycle_id, customer_id,
            company_id, from_stage, to_stage, trigger_type
        """

    @api.model
    def _ensure(self, partners, company=None, now=None):
        """Return the lifecycle rows of ``partners``, creating the missing ones.

        Idempotent, also when two transactions create the same row at once.

        :param partners: ``res.partner`` recordset; contacts count for their company
        :param company: ``res.company``, the current one by default
        :param datetime now: UTC; the moment of the decision
        """
        company = company or self.env.company
        customers = partners.commercial_partner_id
        self._insert_missing([(c.id, company.id) for c in customers], now)
        rows = self.sudo().with_context(active_test=False)
        return rows.search(
            [("customer_id", "in", customers.ids), ("company_id", "=", company.id)]
        )
