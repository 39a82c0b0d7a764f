from odoo import api, fields, models

from odoo.addons.loyalty_program.const import TIERS


class LoyaltyReward(models.Model):
    _inherit = "loyalty.reward"

    min_tier_rank = fields.Integer(compute="_compute_min_tier_rank")

    @api.depends("min_tier")
    def _compute_min_tier_rank(self):
        rank = [code for code, _label in TIERS]
        for reward in self:
            tier = reward.min_tier
            reward.min_tier_rank = rank.index(tier) if tier else 0

    @api.model
    def _load_pos_data_fields(self, config):
        return [*super()._load_pos_data_fields(config), "min_tier_rank"]
