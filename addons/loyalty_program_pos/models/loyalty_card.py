from odoo import api, fields, models

from odoo.addons.loyalty_program.const import TIERS


class LoyaltyCard(models.Model):
    """What the till knows of a customer's account."""

    _inherit = "loyalty.card"

    points_multiplier = fields.Float(compute="_compute_tier", compute_sudo=True)
    tier_rank = fields.Integer(compute="_compute_tier", compute_sudo=True)

    @api.depends("account_ids.current_tier")
    def _compute_tier(self):
        programs = self.env["loyalty.program"]
        rank = [code for code, _label in TIERS]
        for card in self:
            tier = card.account_ids.current_tier or rank[0]
            card.tier_rank = rank.index(tier)
            card.points_multiplier = programs._multiplier(card.program_id.id, tier)

    @api.model
    def _load_pos_data_fields(self, config):
        own = ["points_multiplier", "tier_rank"]
        return [*super()._load_pos_data_fields(config), *own]
