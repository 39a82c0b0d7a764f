from odoo import api, fields, models

from odoo.addons.customer_lifecycle.tools.bounds import check_number
from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..const import BENEFITS

VALUES = {"points_multiplier": (1, 100)}
MOST = 10**9


class LoyaltyTierBenefit(models.Model):
    """What a tier is worth to its members."""

    _name = "loyalty.tier.benefit"
    _inherit = "loyalty.cached.mixin"
    _description = "Benefit of a Tier"
    _order = "tier_id, sequence, id"
    _rec_name = "type"

    tier_id = fields.Many2one(
        "loyalty.tier", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    type = fields.Selection(BENEFITS, required=True, default="points_multiplier")
    value = fields.Float(digits=(16, 3))
    text = fields.Char(translate=True, help="What the customer reads.")

    @api.depends("type", "value", "text")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for benefit in self:
            benefit.display_name = benefit.text or benefit._label()

    def _as_json(self):
        """Return the entry of a tier's ``benefits``."""
        entry = {"type": self.type}
        if self.value:
            entry["value"] = whole(self.value)
        if self.text:
            entry["text"] = self.text
        return entry

    def _label(self):
        """Return what customers and marketers read where no text of its own is."""
        value = whole(self.value)
        if self.type == "points_multiplier":
            return self.env._("%s times the points on every order", value)
        if self.type == "birthday_bonus":
            return self.env._("%s extra points on your birthday", value)
        labels = dict(self._fields["type"]._description_selection(self.env))
        return labels.get(self.type, "")

    @api.constrains("type", "value")
    def _check_value(self):
        for benefit in self:
            low, high = VALUES.get(benefit.type, (0, MOST))
            check_number(self.env, "benefits: value", benefit.value, low, high)
