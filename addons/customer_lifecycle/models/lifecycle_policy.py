from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Fields whose change can move customers: everybody is evaluated again.
RULE_FIELDS = (
    "churn_days",
    "dormant_days",
    "won_back_days",
    "at_risk_score",
    "at_risk_engagement",
    "at_risk_days",
    "onboarding_days",
    "engaged_score",
    "engaged_days",
    "rhythm_factor",
    "median_gap",
)
CARE_FIELDS = ("pin_days", "snooze_days", "escalation_days", "high_value_share")
TARGET_FIELDS = ("retention_target", "onboarding_target", "winback_target")
# Those on which a fact depends: which silence counts as having been away.
RECOUNT_FIELDS = {"dormant_days", "rhythm_factor"}


class LifecyclePolicy(models.Model):
    _name = "lifecycle.policy"
    _description = "Lifecycle Policy"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    churn_days = fields.Integer(
        "Churned after (days)", default=90, required=True, help="Days of silence."
    )
    dormant_days = fields.Integer("Dormant after (days)", default=60, required=True)
    at_risk_days = fields.Integer("At risk after (days)", default=30, required=True)
    won_back_days = fields.Integer(
        "Won back for (days)",
        default=30,
        required=True,
        help="How long a returned customer stays in the stage Won Back.",
    )
    at_risk_score = fields.Float(
        "At risk from churn risk", default=0.60, required=True, help="Between 0 and 1."
    )
    at_risk_engagement = fields.Integer(
        "At risk below engagement (%)",
        default=30,
        required=True,
        help="Percent of the engagement score that this customer could reach.",
    )
    onboarding_days = fields.Integer("Onboarding for (days)", default=30, required=True)
    engaged_score = fields.Integer(
        "Highly engaged from engagement (%)", default=80, required=True
    )
    engaged_days = fields.Integer(
        "Highly engaged within (days)", default=14, required=True
    )
    rhythm_factor = fields.Float(
        default=0.0,
        required=True,
        help="For shops whose customers buy seldom: silence counts only after this "
        "many times the customer's own average gap between orders. 0 is off.",
    )
    median_gap = fields.Float(
        "Median gap between orders (days)",
        default=30.0,
        required=True,
        help="Stands in for customers with fewer than two order days; "
        "measured monthly.",
    )
    median_gap_on = fields.Date("Median gap measured on", readonly=True)
    pin_days = fields.Integer(
        "A manual stage holds for (days)", default=30, required=True
    )
    snooze_days = fields.Integer(
        "Handled customers rest for (days)", default=14, required=True
    )
    escalation_days = fields.Integer(
        "Escalate unhandled after (days)",
        default=7,
        required=True,
        help="An at-risk customer whom nobody handled becomes an activity for the "
        "salesperson's manager. 0 is off.",
    )
    escalation_user_id = fields.Many2one(
        "res.users",
        "Escalate to",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Receives escalations when the salesperson's team has no leader.",
    )
    high_value_share = fields.Integer(
        "High value: the top (%)",
        default=20,
        required=True,
        help="Share of the customers with orders, by revenue.",
    )
    high_value_from = fields.Float(
        "High value from a revenue of", readonly=True, help="Measured every day."
    )
    retention_target = fields.Float("Retention target (%)", default=90.0)
    onboarding_target = fields.Float("Onboarding completion target (%)", default=80.0)
    winback_target = fields.Float("Win-back target (%)", default=15.0)
    evaluation_pending = fields.Boolean(
        readonly=True,
        help="The policy changed: every customer is evaluated at the next run.",
    )

    recount_pending = fields.Boolean(
        readonly=True, help="The change also alters what counts as coming back."
    )

    _company_uniq = models.UniqueIndex("(company_id)", "One policy per company.")

    @api.constrains(*RULE_FIELDS, *CARE_FIELDS, *TARGET_FIELDS)
    def _check_thresholds(self):
        for policy in self:
            policy._check_order()
            policy._check_ranges()

    def _check_order(self):
        """Silence must grow from at risk over dormant to churned."""
        if not 0 < self.at_risk_days < self.dormant_days < self.churn_days:
            raise ValidationError(
                self.env._(
                    "The days of silence are out of order: at risk (%(at_risk)s) must "
                    "be above 0 and below dormant (%(dormant)s), which must be below "
                    "churned (%(churned)s).",
                    at_risk=self.at_risk_days,
                    dormant=self.dormant_days,
                    churned=self.churn_days,
                )
            )

    def _ranges(self):
        """Allowed values: {field: (lowest, highest)}."""
        return {
            "churn_days": (1, 3650),
            "won_back_days": (0, 3650),
            "onboarding_days": (0, 3650),
            "engaged_days": (0, 3650),
            "at_risk_score": (0.01, 1),
            "at_risk_engagement": (0, 100),
            "engaged_score": (1, 100),
            "rhythm_factor": (0, 100),
            "median_gap": (0.01, 3650),
            "pin_days": (1, 3650),
            "snooze_days": (1, 365),
            "escalation_days": (0, 365),
            "high_value_share": (1, 100),
            **dict.fromkeys(TARGET_FIELDS, (0, 100)),
        }

    def _check_ranges(self):
        for name, (low, high) in self._ranges().items():
            if not low <= self[name] <= high:
                raise ValidationError(
                    self.env._(
                        "%(field)s must be between %(low)s and %(high)s; "
                        "got %(value)s.",
                        field=self._fields[name].get_description(self.env)["string"],
                        low=low,
                        high=high,
                        value=self[name],
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        # A gap that comes with its day was measured: who measures knows whether to
        # evaluate everybody, too.
        measured = "median_gap_on" in vals
        if not measured and any(name in vals for name in RULE_FIELDS):
            self._make_pending(recount=not RECOUNT_FIELDS.isdisjoint(vals))
        if "high_value_share" in vals:
            self._measure_high_value()
        return result

    def _make_pending(self, recount=False):
        """Have everybody evaluated again, and their facts counted if need be."""
        if not self:
            return
        pending = {"evaluation_pending": True}
        self.write(pending | {"recount_pending": True} if recount else pending)
        self.env["lifecycle.engine"]._wake_evaluation()

    @api.model
    def _ensure(self, companies):
        """Create the missing policies of ``companies`` and return all of them."""
        existing = self.sudo().search([("company_id", "in", companies.ids)])
        missing = companies - existing.company_id
        return existing | self.sudo().create(
            [{"company_id": company.id} for company in missing]
        )

    @api.model
    def action_open_company(self):
        """Open the policy of the current company (menu and settings button).

        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        policy = self._ensure(self.env.company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lifecycle Policy"),
            "res_model": self._name,
            "res_id": policy.id,
            "view_mode": "form",
        }

    def _refresh_median_gap(self, today):
        """Measure the median of the customers' average gaps, at most monthly.

        Source: the middle value (``percentile_cont(0.5)``) of
        ``customer.lifecycle.average_order_gap``; 30 days when nobody has one.

        :param today: date of the measurement
        :return: the policies whose gap is another one now
        """
        stale = self.filtered(
            lambda p: not p.median_gap_on or abs((today - p.median_gap_on).days) >= 30
        )
        changed = self.browse()
        for company, gap in stale._median_gaps():
            policy = stale.filtered(lambda p, c=company: p.company_id.id == c)
            if abs(policy.median_gap - gap) > 1e-6:
                policy.write({"median_gap": gap, "median_gap_on": today})
                changed |= policy
        (stale - changed).median_gap_on = today
        return changed

    def _median_gaps(self):
        self.env["customer.lifecycle"].flush_model(["average_order_gap"])
        # percentile_cont: _read_group has no median.
        self.env.cr.execute(
            """
            SELECT p.company_id, coalesce(m.gap, 30.0)
              FROM lifecycle_policy p
              LEFT JOIN (
                SELECT company_id,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY average_order_gap)
                           AS gap
                  FROM customer_lifecycle
                 WHERE average_order_gap > 0
                 GROUP BY company_id
              ) m ON m.company_id = p.company_id
             WHERE p.id = ANY(%s)
            """,
            [self.ids],
        )
        return self.env.cr.fetchall()

    def _measure_high_value(self):
        """Measure from which revenue on a customer is among the top ones.

        Source: ``percentile_disc`` of ``customer.lifecycle.total_revenue`` over the
        customers with revenue; 0 when there are none.
        """
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE lifecycle_policy p
               SET high_value_from = coalesce((
                   SELECT percentile_disc(1 - p.high_value_share / 100.0)
                          WITHIN GROUP (ORDER BY l.total_revenue)
                     FROM customer_lifecycle l
                    WHERE l.company_id = p.company_id AND l.total_revenue > 0), 0)
             WHERE p.id = ANY(%s)
            """,
            [self.ids],
        )
        self.invalidate_recordset(["high_value_from"])
