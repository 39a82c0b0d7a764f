from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.customer_lifecycle.tools.json_view import JsonReader, JsonView

from ..const import CUSTOMER_KINDS, MAX_VIEW_SECONDS, STATUSES

DATA_KEYS = ("content_viewed", "time_spent_seconds", "milestone_value")


class CustomerOnboarding(models.Model):
    """One customer on the way through a journey.

    ``status`` is the contract's; ``run_state`` the engine's, which is done as soon as
    nothing but optional steps is left. Rows are written in SQL.
    """

    _name = "customer.onboarding"
    _description = "Customer Onboarding"
    _inherit = [
        "onboarding.walk",
        "onboarding.version",
        "onboarding.settle",
        "onboarding.record",
        "onboarding.standing",
        "journey.run.mixin",
    ]

    definition_id = fields.Many2one(
        "onboarding.journey", required=True, ondelete="cascade", readonly=True
    )
    # The name of the contract; the engine calls it the definition.
    journey_id = fields.Many2one(
        "onboarding.journey", required=True, ondelete="cascade", readonly=True
    )
    step_id = fields.Many2one(
        "onboarding.journey.step", required=True, ondelete="restrict", readonly=True
    )
    status = fields.Selection(
        STATUSES, required=True, default="in_progress", readonly=True
    )
    completion_ids = fields.One2many(
        "onboarding.step.completion", "onboarding_id", readonly=True
    )
    completed_steps = JsonView(compute="_compute_step_codes", readonly=True)
    skipped_steps = JsonView(compute="_compute_step_codes", readonly=True)
    completion_rate = fields.Float("Done (%)", readonly=True, aggregator="avg")
    steps_settled = fields.Integer(default=0, readonly=True)
    last_activity_at = fields.Datetime("Last activity", readonly=True)
    current_step_name = fields.Char("Now at", compute="_compute_current_step_name")
    expires_at = fields.Datetime("Ends at the latest", compute="_compute_expires_at")

    _status_idx = models.Index("(definition_id, status)")
    # A customer is in a journey once at a time, with optional steps open, too.
    _open_uniq = models.UniqueIndex(
        "(definition_id, customer_id) WHERE status = 'in_progress'",
        "This customer is in this journey already.",
    )
    _left_idx = models.Index(
        "(anchor_at) WHERE status = 'in_progress' AND run_state <> 'running'"
    )

    # ---------------------------------------------------------------------- compute
    @api.depends("completion_ids.status")
    def _compute_step_codes(self):
        for run in self:
            rows = run.completion_ids.sorted(lambda r: (r.sequence, r.id))
            done = rows.filtered(lambda r: r.status == "completed")
            skipped = rows.filtered(lambda r: r.status == "skipped")
            run.completed_steps = done.mapped("step_id")
            run.skipped_steps = skipped.mapped("step_id")

    @api.depends("completion_ids.status")
    def _compute_current_step(self):
        """The first step that is neither completed nor skipped, from 0; after the last
        one, the number of steps.
        """
        for run in self:
            rows = run.completion_ids.sorted(lambda r: (r.sequence, r.id))
            states = rows.mapped("status")
            here = states.index("pending") if "pending" in states else len(states)
            run.current_step_index = here
            run.current_step = here + 1

    @api.depends("completion_ids.status")
    def _compute_current_step_name(self):
        for run in self:
            rows = run.completion_ids.sorted(lambda r: (r.sequence, r.id))
            run.current_step_name = rows[run.current_step_index :][:1].name

    @api.depends("anchor_at", "journey_id.max_duration_days")
    def _compute_expires_at(self):
        for run in self:
            run.expires_at = run.status == "in_progress" and run._expires_at()

    def _steps_by_run(self):
        """Return {run id: {code: step}} of the versions that the runs walk."""
        steps = {
            version: {step.code: step for step in version._steps()}
            for version in self.sudo().version_id
        }
        return {run.id: steps[run.version_id] for run in self.sudo()}

    # -------------------------------------------------------------------------- do
    def complete_step(self, step_id, data=None):
        """Note that a step was done; again is no harm.

        Messages count as done when they are sent; staff may tick them, too, then they
        are not sent any more. A milestone completes only when its target holds, which
        is read from orders and events, whoever asks. Milestones that are met when this
        opens them complete at once.

        :param str step_id: code of a step of the journey
        :param dict data: of a tutorial ``time_spent_seconds`` (not below 0, at most an
            hour counts) and ``content_viewed`` (views)
        :return: True if the step is completed, False if a milestone is not met, or the
            journey is over
        :raises ValidationError: unknown step or data
        :raises AccessError: somebody else's journey, or a message
        """
        self._check_one()
        step = self._step_of(step_id)
        self._check_actor(step)
        values = self._data_values(data)
        row = self.sudo()._row_of(step)
        if row.status == "completed":
            return True
        if self.sudo().status != "in_progress":
            return False
        now = fields.Datetime.now()
        runs = self.env[self._name].sudo()
        if step.kind == "milestone":
            reached = runs._reach(self.ids, now)
        else:
            row._complete(values, now)
            reached = runs._reach(self.ids, now) or [(self.id, step.code)]
        runs._settle({run for run, _code in reached}, now)
        return row.status == "completed"

    def skip_step(self, step_id, reason=None):
        """Leave a step out.

        :param str step_id: code of a step; customers may leave out optional ones that
            are theirs to do, staff any
        :param str reason: in your words
        :return: True if the step is skipped, False if it was completed before or the
            journey is over
        :raises ValidationError: unknown step, not optional, or a reason that is no text
        :raises AccessError: somebody else's journey
        """
        self._check_one()
        step = self._step_of(step_id)
        is_staff = self._check_actor(step)
        if not (is_staff or step.is_optional):
            raise ValidationError(
                self.env._(
                    "step_id: %(step)s is not optional; allowed are %(allowed)s.",
                    step=step.name or step.code,
                    allowed=", ".join(self._optional_codes()) or "-",
                )
            )
        reason = "by_hand" if reason in (None, False, "") else reason
        JsonReader(self.env, {"reason": reason}, "skip_step").text("reason")
        row = self.sudo()._row_of(step)
        if row.status != "pending":
            return row.status == "skipped"
        if self.sudo().status != "in_progress":
            return False
        now = fields.Datetime.now()
        row._skip(reason[:200], now)
        runs = self.env[self._name].sudo()
        runs._reach(self.ids, now)
        runs._settle(self.ids, now)
        return True

    # ----------------------------------------------------------------------- checks
    def _check_one(self):
        if len(self) != 1:
            raise ValidationError(self.env._("ids: one customer at a time."))

    def _step_of(self, step_id):
        """Return the step with a code.

        :raises ValidationError: there is none, naming those there are
        """
        self.check_access("read")
        steps = self._steps_by_run()[self.id]
        known = [code for code, step in steps.items() if not step.is_closing]
        if not isinstance(step_id, str) or step_id not in known:
            raise ValidationError(
                self.env._(
                    "step_id: %(value)s is not allowed; allowed are %(known)s.",
                    value=repr(step_id)[:100],
                    known=", ".join(known),
                )
            )
        return steps[step_id]

    def _check_actor(self, step):
        """Return whether the user is staff; others may do what is theirs.

        :raises AccessError: neither
        """
        user = self.env.user
        if self.env.su or user.has_group("customer_lifecycle.group_lifecycle_user"):
            return True
        own = user.partner_id.commercial_partner_id
        if self.sudo().customer_id != own or user._is_public():
            raise AccessError(self.env._("You can see and change only your own steps."))
        if step.kind not in CUSTOMER_KINDS:
            raise AccessError(self.env._("Messages are for us to send."))
        return False

    def _optional_codes(self):
        steps = self._steps_by_run()[self.id].values()
        return [s.code for s in steps if s.is_optional and s.kind in CUSTOMER_KINDS]

    def _row_of(self, step):
        return self.completion_ids.filtered(lambda row: row.step_id == step.code)

    def _data_values(self, data):
        """Return what ``data`` says of a tutorial: (views, seconds)."""
        if data in (None, False):
            return (0, 0)
        reader = JsonReader(self.env, data, "data")
        reader.check_keys(DATA_KEYS)
        # What is beyond the bound was left open in some tab: it counts no more.
        seconds = reader.number("time_spent_seconds", 0, float("inf"), 0)
        views = reader.value.get("content_viewed", 0)
        if not isinstance(views, bool):
            views = reader.number("content_viewed", 0, 10**6, 0, whole=True)
        reader.number("milestone_value", -(10**12), 10**12, 0)
        return (int(views), int(min(seconds, MAX_VIEW_SECONDS)))
