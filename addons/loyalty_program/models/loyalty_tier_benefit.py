from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..const import BENEFITS


class LoyaltyTierBenefit(models.Model):
    """What a tier is worth to its members."""

    _name = "loyalty.tier.benefit"
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
        labels = dict(self._fields["type"]._description_selection(self.env))
        for benefit in self:
            label = labels.get(benefit.type, "")
            number = whole(benefit.value)
            if benefit.type == "points_multiplier":
                label = self.env._("Points × %s", number)
            elif benefit.type == "birthday_bonus":
                label = self.env._("Birthday: %s points", number)
            benefit.display_name = benefit.text or label

    def _as_json(self):
        """Return the entry of a tier's ``benefits``."""
        entry = {"type": self.type}
        if self.value:
            entry["value"] = whole(self.value)
        if self.text:
            entry["text"] = self.text
        return entry

    def _as_text(self):
        """Return what the customer reads of it."""
        if self.text:
            return self.text
        value = whole(self.value)
        texts = {
            "points_multiplier": self.env._(
                "%s times the points on every order", value
            ),
            "free_delivery": self.env._("Free delivery"),
            "birthday_bonus": self.env._("%s extra points on your birthday", value),
        }
        return texts.get(self.type, "")

    @api.constrains("type", "value")
    def _check_value(self):
        for benefit in self:
            if benefit.type == "points_multiplier" and not 1 <= benefit.value <= 100:
                raise ValidationError(
                    self.env._(
                        "benefits: value %s is not allowed; allowed are 1 to 100.",
                        benefit.value,
                    )
                )
            if benefit.value < 0:
                raise ValidationError(
                    self.env._("benefits: value must not be below 0.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        benefits = super().create(vals_list)
        self.env.registry.clear_cache()
        return benefits

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
