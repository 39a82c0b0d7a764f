from odoo import api, fields, models

from odoo.addons.loyalty_program.const import TIERS


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    # Of who joins with this order; without sudo, tills may not read tiers.
    first_multiplier = fields.Float(compute="_compute_first_multiplier")

    @api.depends("tier_ids.multiplier")
    def _compute_first_multiplier(self):
        for program in self:
            program.first_multiplier = self._multiplier(program.id, TIERS[0][0])

    @api.model
    def _load_pos_data_fields(self, config):
        own = ["accounts_since", "is_active", "is_open", "first_multiplier"]
        return [*super()._load_pos_data_fields(config), *own]
