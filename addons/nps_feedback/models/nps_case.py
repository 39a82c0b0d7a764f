from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from odoo.addons.customer_lifecycle.tools.bounds import named
from odoo.addons.customer_lifecycle.tools.clock import Clock

from ..const import OUTCOME_KEYS, OUTCOMES

# What people may write; the rest is the suite's.
OPEN_TO_PEOPLE = {"user_id", "outcome", "note"}


class NpsCase(models.Model):
    """An unhappy customer, until somebody has closed the loop."""

    _name = "nps.case"
    _description = "Case of an Unhappy Customer"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state desc, deadline, id"
    _rec_name = "customer_id"

    response_id = fields.Many2one(
        "nps.response", "Answer", required=True, ondelete="cascade", readonly=True
    )
    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    user_id = fields.Many2one(
        "res.users",
        "In charge",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        required=True,
        default="open",
        readonly=True,
        tracking=True,
    )
    opened_at = fields.Datetime("Opened", required=True, readonly=True)
    deadline = fields.Date(readonly=True)
    outcome = fields.Selection(OUTCOMES, tracking=True)
    note = fields.Text("What was done")
    closed_at = fields.Datetime("Closed", readonly=True)
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True)
    hours_to_close = fields.Float(
        compute="_compute_hours_to_close", store=True, aggregator="avg"
    )
    score = fields.Integer(related="response_id.score")
    followup_response = fields.Text(related="response_id.followup_response")
    may_call = fields.Boolean(related="response_id.may_call")
    call_phone = fields.Char(related="response_id.call_phone")
    age_days = fields.Integer("Age (days)", compute="_compute_age")
    is_overdue = fields.Boolean(compute="_compute_age", search="_search_is_overdue")

    _response_uniq = models.UniqueIndex(
        "(response_id)", "There is a case about this answer already."
    )
    _open_idx = models.Index("(company_id, opened_at) WHERE state = 'open'")

    # ---------------------------------------------------------------------- compute
    @api.depends("opened_at", "closed_at")
    def _compute_hours_to_close(self):
        for case in self:
            if case.opened_at and case.closed_at:
                seconds = (case.closed_at - case.opened_at).total_seconds()
                case.hours_to_close = round(max(seconds, 0) / 3600, 2)
            else:
                case.hours_to_close = False

    @api.depends("opened_at", "closed_at", "deadline", "state")
    def _compute_age(self):
        now = fields.Datetime.now()
        for case in self:
            until = case.closed_at or now
            age = until - (case.opened_at or until)
            case.age_days = max(age, timedelta()).days
            today = Clock(now).today(case.company_id) if case.company_id else None
            late = case.deadline and today and case.deadline < today
            case.is_overdue = bool(late) and case.state == "open"

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        # Days are those of each company, as where the field is shown.
        companies = self.env["res.company"].sudo().search([("id", ">", 0)])
        late = Domain("state", "=", "open") & Domain.OR(
            Domain("company_id", "in", mine.ids) & Domain("deadline", "<", today)
            for today, mine in companies.grouped(Clock(now).today).items()
        )
        return late if True in value else ~late

    # ------------------------------------------------------------------ constraints
    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for case in self.filtered("user_id"):
            user = case.user_id.sudo()
            if user.share or case.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(user)s is not allowed; allowed are internal users "
                        "of %(company)s.",
                        name=named(case, "user_id"),
                        user=user.name,
                        company=case.company_id.name,
                    )
                )

    # ------------------------------------------------------------------------ write
    def write(self, vals):
        """People write who is in charge and what was done; buttons do the rest."""
        own = {name for name in vals if name in self._own_names()}
        if own - OPEN_TO_PEOPLE and not self.env.su:
            raise AccessError(
                self.env._("%s: written by the case itself.", ", ".join(sorted(own)))
            )
        if vals.get("outcome") and not self.env.su:
            self._check_outcome(vals["outcome"])
        result = super().write(vals)
        if "user_id" in vals:
            self._hand_over()
        return result

    @api.model
    def _own_names(self):
        return {
            name
            for name, field in self._fields.items()
            if field.store and not name.startswith(("message_", "activity_"))
        }

    @api.model
    def _check_outcome(self, outcome):
        if outcome not in OUTCOME_KEYS:
            raise ValidationError(
                self.env._(
                    "outcome: %(value)s is not allowed; allowed are %(allowed)s.",
                    value=repr(outcome)[:100],
                    allowed=", ".join(OUTCOME_KEYS),
                )
            )
        return outcome

    # ---------------------------------------------------------------------- buttons
    def action_close(self):
        """Close the loop; the outcome says how it ended."""
        self._check_hands()
        for case in self:
            if not case.outcome:
                raise ValidationError(
                    self.env._(
                        "%(name)s: say how it ended; allowed are %(allowed)s.",
                        name=named(case, "outcome"),
                        allowed=", ".join(OUTCOME_KEYS),
                    )
                )
        now = fields.Datetime.now()
        self.filtered(lambda c: c.state == "open").sudo()._close(now, self.env.user)
        return True

    def action_reopen(self):
        """Take a case up again that was closed too early."""
        self._check_hands()
        closed = self.filtered(lambda c: c.state == "closed").sudo()
        closed.write(
            {
                "state": "open",
                "closed_at": False,
                "closed_by_id": False,
                "outcome": False,
            }
        )
        closed._schedule()
        return True

    def action_customer(self):
        """Open the customer."""
        self.ensure_one()
        self.check_access("read")
        return self.response_id.action_customer()

    def _check_hands(self):
        """Raise AccessError unless the user may handle these cases."""
        self.check_access("write")
