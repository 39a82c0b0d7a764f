from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_lifecycle.const import STAGES
from odoo.addons.customer_lifecycle.tools.json_view import JsonReader, JsonView

from ..const import CATEGORIES, CHANGE_HOURS
from ..tools.nps import category

CONTEXT_KEYS = ("order_id", "delivery_id", "order_count", "day", "source")


class NpsResponse(models.Model):
    """What a customer answered; written by the answer itself, and by nobody's hand."""

    _name = "nps.response"
    _description = "Answer"
    _order = "responded_at desc, id desc"
    _rec_name = "customer_id"

    survey_id = fields.Many2one(
        "nps.survey", required=True, ondelete="restrict", readonly=True
    )
    invitation_id = fields.Many2one(
        "nps.invitation", ondelete="set null", readonly=True
    )
    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", readonly=True
    )
    addressee_id = fields.Many2one(
        "res.partner", "Answered by", ondelete="set null", readonly=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    score = fields.Integer(required=True, readonly=True, aggregator="avg")
    category = fields.Selection(
        CATEGORIES, compute="_compute_category", store=True, index=True
    )
    first_score = fields.Integer(readonly=True, aggregator="avg")
    change_count = fields.Integer("Changed (times)", default=0, readonly=True)
    followup_response = fields.Text("In their words", readonly=True)
    trigger_context = JsonView("What was asked about", shape=dict)
    order_id = fields.Many2one("sale.order", ondelete="set null", readonly=True)
    responded_at = fields.Datetime("Answered", required=True, readonly=True)
    changed_at = fields.Datetime("Changed", readonly=True)
    # How the shop sees its customers is nothing that customers read.
    stage = fields.Selection(
        STAGES, "Stage then", readonly=True, groups="base.group_user"
    )
    tier = fields.Char("Tier then", readonly=True)
    may_call = fields.Boolean("May be called", readonly=True)
    call_phone = fields.Char("Phone to call", readonly=True)
    is_generated = fields.Boolean(
        "Made up", readonly=True, help="Of a demonstration: no customer said it."
    )
    case_ids = fields.One2many("nps.case", "response_id", groups="base.group_user")

    _score_range = models.Constraint(
        "CHECK (score >= 0 AND score <= 10)", "A score is a whole number from 0 to 10."
    )
    _invitation_uniq = models.UniqueIndex(
        "(invitation_id) WHERE invitation_id IS NOT NULL",
        "This invitation is answered already.",
    )
    _customer_idx = models.Index("(customer_id, company_id, responded_at DESC)")
    _survey_idx = models.Index("(survey_id, responded_at)")
    _moment_idx = models.Index("(company_id, responded_at)")
    _order_idx = models.Index("(order_id) WHERE order_id IS NOT NULL")

    @api.depends("score")
    def _compute_category(self):
        for response in self:
            response.category = category(response.score)

    @api.constrains("trigger_context")
    def _check_trigger_context(self):
        for response in self.filtered("trigger_context"):
            response._read_context(response.trigger_context)

    @api.model
    def _read_context(self, value):
        """Return a context that callers hand over, checked.

        :raises ValidationError: naming the key and what is allowed
        """
        reader = JsonReader(self.env, value, "trigger_context")
        reader.check_keys(CONTEXT_KEYS)
        for name in ("order_id", "delivery_id", "order_count"):
            reader.number(name, 1, 2**31 - 1, default=False, whole=True)
        for name in ("day", "source"):
            reader.text(name, default=False)
        return {name: given for name, given in value.items() if given is not False}

    def _may_change(self, now):
        """Whether the answer can be changed still."""
        return now <= self.responded_at + timedelta(hours=CHANGE_HOURS)

    @api.model
    def _check_score(self, name, value, allowed):
        """Return a score if it is one.

        :raises ValidationError: naming the argument and what is allowed
        """
        if type(value) is not int or value not in allowed:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is not allowed; allowed are the whole numbers "
                    "%(low)s to %(high)s.",
                    name=name,
                    value=repr(value)[:100],
                    low=min(allowed),
                    high=max(allowed),
                )
            )
        return value

    def action_customer(self):
        """Open the customer."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.customer_id.id,
            "views": [(False, "form")],
        }
