from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_lifecycle.tools.bounds import named
from odoo.addons.customer_lifecycle.tools.json_view import JsonReader

from ..const import OFFER_TYPES
from .winback_filter import RANGES

NUMBERS = {
    **RANGES,
    "offer_value": (0, 10**9),
    "offer_validity_days": (1, 3650),
    "holdout_percent": (0, 100),
}
# The messages that a new campaign begins with; each is replaced as one likes.
DRAFT = (
    ("we_miss_you", 0, "mail_template_winback_1", False),
    ("what_changed", 168, "mail_template_winback_2", True),
    ("last_chance", 336, "mail_template_winback_3", True),
)


class FieldReader(JsonReader):
    """Reads what is written to a campaign; its fields are called as on the form."""

    def _path(self, name):
        return named(self.env[self.path], name)


class WinbackCampaign(models.Model):
    """A journey for customers who used to order and no longer do."""

    _name = "winback.campaign"
    _description = "Win-back Campaign"
    _inherit = [
        # Before the engine's: they refine what it does.
        "winback.offer",
        "winback.targeting",
        "winback.goal",
        "winback.statistics",
        "journey.reach",
        "journey.sequence",
        "journey.offer.config",
        "journey.definition.mixin",
    ]

    _run_model = "winback.attempt"
    _step_model = "winback.campaign.step"

    step_ids = fields.One2many(
        "winback.campaign.step",
        "definition_id",
        domain=[("version_id", "=", False)],
        default=lambda self: self._default_step_ids(),
    )
    attempt_ids = fields.One2many("winback.attempt", "campaign_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    priority = fields.Integer(default=20)
    exclusive_group = fields.Char(default="retention")
    holdout_percent = fields.Float(default=10)
    reentry = fields.Selection(default="after_exit")
    is_mine_to_offer = fields.Boolean(compute="_compute_is_mine_to_offer")

    @api.depends_context("uid")
    def _compute_is_mine_to_offer(self):
        self.is_mine_to_offer = self.env["journey.offer"].has_access("write")

    @api.model
    def _default_step_ids(self):
        steps = []
        for place, (code, hours, name, offer) in enumerate(DRAFT, 1):
            template = self.env.ref(f"winback.{name}", raise_if_not_found=False)
            if template:
                values = {
                    "sequence": 10 * place,
                    "code": code,
                    "name": template.name.rpartition(": ")[2].capitalize(),
                    "delay_hours": hours,
                    "template_id": template.id,
                    "includes_offer": offer,
                }
                steps.append(fields.Command.create(values))
        return steps

    # ----------------------------------------------------------------------- write
    @api.model_create_multi
    def create(self, vals_list):
        """A sequence that is given takes the place of the draft."""
        for vals in vals_list:
            self._check_input(vals)
            if "email_sequence" in vals:
                vals.setdefault("step_ids", [])
        campaigns = super().create(vals_list)
        campaigns._check_sequence()
        return campaigns

    def write(self, vals):
        self._check_input(vals)
        result = super().write(vals)
        if {"step_ids", "email_sequence"} & set(vals):
            self._check_sequence()
        return result

    @api.model
    def _check_input(self, vals):
        """Name what is allowed, where Odoo would only say that it is wrong."""
        reader = FieldReader(self.env, vals, self._name)
        for name, bounds in NUMBERS.items():
            if vals.get(name):
                whole = self._fields[name].type == "integer"
                reader.number(name, *bounds, whole=whole)
        if vals.get("offer_type"):
            known = [key for key, _label in OFFER_TYPES]
            reader.choice("offer_type", known)

    def _check_sequence(self):
        """An empty sequence is refused; as JSON it comes after the constraints."""
        for campaign in self:
            if not campaign.step_ids:
                campaign._refuse_empty()

    def _refuse_empty(self):
        raise ValidationError(
            self.env._(
                "%(name)s: %(campaign)s has no steps; at least one is needed.",
                name=named(self, "email_sequence"),
                campaign=self.name,
            )
        )

    # --------------------------------------------------------------------- buttons
    def _copy_values(self, company):
        """Who put the own one away wants nobody else's to be hidden."""
        return {**super()._copy_values(company), "active": True}

    @api.model
    def action_load_playbooks(self):
        """Give the current company the campaign that comes with the addon."""
        self.check_access("create")
        self._ship(self.env.company)
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_attempts(self):
        """Show whom the campaign tries and tried to win back."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "winback.winback_attempt_action"
        )
        return {
            **action,
            "domain": [("campaign_id", "=", self.id)],
            # As many as the button says; the control group is one click away.
            "context": {"search_default_spoken_to": 1},
        }

    def action_statistics(self):
        """Show what the campaign brought back."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "winback.winback_dashboard_action"
        )
        return {**action, "params": {"campaign": self.id}}

    def action_start_attempts(self):
        """Look for today's customers now, instead of waiting for the scheduler."""
        self.ensure_one()
        found = self.env["winback.service"].start_attempts(self.id)
        message = self.env._(
            "%(started)s attempts have begun, %(control)s in the control group.",
            started=found["started"],
            control=found["control"],
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if found["started"] else "warning",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
