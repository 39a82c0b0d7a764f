from odoo import fields, models
from odoo.tools import SQL

from ..const import MAX_VIEW_SECONDS, STEP_STATUSES, STEP_TYPES


class OnboardingStepCompletion(models.Model):
    """How far one customer came with one step; written in SQL, whole batches."""

    _name = "onboarding.step.completion"
    _description = "Step of a Customer's Onboarding"
    _order = "sequence, id"
    _rec_name = "step_id"
    _log_access = False

    onboarding_id = fields.Many2one(
        "customer.onboarding", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="onboarding_id.company_id")
    customer_id = fields.Many2one(related="onboarding_id.customer_id")
    # The code, as the contract calls it: a step is done once in whatever version.
    step_id = fields.Char("Step code", required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    status = fields.Selection(
        STEP_STATUSES, required=True, default="pending", readonly=True
    )
    reason = fields.Char(
        readonly=True, groups="base.group_user", help="Why it was skipped."
    )
    opened_at = fields.Datetime("Its turn since", readonly=True)
    completed_at = fields.Datetime("Done", readonly=True)
    content_viewed = fields.Integer("Views", readonly=True)
    time_spent_seconds = fields.Integer("Time on page (seconds)", readonly=True)
    viewed_at = fields.Datetime("Last seen", readonly=True)
    milestone_value = fields.Float(
        readonly=True, help="What was measured when the target was reached."
    )
    name = fields.Char("Step", compute="_compute_step")
    type = fields.Selection(STEP_TYPES, compute="_compute_step")
    is_optional = fields.Boolean("Optional", compute="_compute_step")
    reason_label = fields.Char("Why", compute="_compute_reason_label")

    _step_uniq = models.UniqueIndex(
        "(onboarding_id, step_id)", "This step is there already."
    )

    def _compute_step(self):
        steps = self.onboarding_id._steps_by_run()
        for row in self:
            step = steps.get(row.onboarding_id.id, {}).get(row.step_id)
            row.name = (step and step.name) or row.step_id
            row.type = step and step.type
            row.is_optional = bool(step and step.is_optional)

    def _compute_reason_label(self):
        labels = self.env["journey.delivery"]._reason_labels()
        for row in self:
            row.reason_label = labels.get(row.reason, row.reason)

    # ----------------------------------------------------------------------- write
    def _complete(self, values, now):
        """Complete a step; ``values`` are views and seconds to add."""
        self._update(
            SQL(
                """status = 'completed', reason = NULL, completed_at = %(now)s,
                   opened_at = coalesce(opened_at, %(now)s),
                   content_viewed = content_viewed + %(views)s,
                   time_spent_seconds = time_spent_seconds + %(seconds)s""",
                now=now,
                views=values[0],
                seconds=values[1],
            ),
            SQL("status <> 'completed'"),
        )

    def _skip(self, reason, now):
        self._update(
            SQL(
                "status = 'skipped', reason = %s, completed_at = %s"
                ", opened_at = coalesce(opened_at, %s)",
                reason,
                now,
                now,
            ),
            SQL("status = 'pending'"),
        )

    def _view(self, seconds, is_first, now):
        """Count a look at a tutorial.

        No more time counts than has gone by since the last word from the page, however
        long a page says it was looked at, and of one look no more than an hour.

        :param int seconds: since the last word from the page, not negative
        :param bool is_first: the page was opened a moment ago
        :param datetime now: naive UTC
        """
        self._update(
            SQL(
                """content_viewed = content_viewed + %(views)s,
                   time_spent_seconds = time_spent_seconds + CASE WHEN %(first)s THEN 0
                       ELSE least(%(seconds)s, %(most)s, greatest(0, coalesce(
                           extract(epoch FROM %(now)s - viewed_at)::int, 0))) END,
                   viewed_at = %(now)s""",
                views=int(is_first),
                first=is_first,
                seconds=min(seconds, MAX_VIEW_SECONDS),
                most=MAX_VIEW_SECONDS,
                now=SQL("%s::timestamp", now),
            ),
            SQL("TRUE"),
        )

    def _update(self, assignments, condition):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE onboarding_step_completion SET %s WHERE id = ANY(%s) AND %s",
                assignments,
                self.ids,
                condition,
            )
        )
        self.env["onboarding.step.completion"].invalidate_model()
        self.env["customer.onboarding"].invalidate_model()
