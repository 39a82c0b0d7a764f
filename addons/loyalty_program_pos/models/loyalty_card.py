from odoo import api, fields, models

from odoo.addons.loyalty_program.const import TIERS
from odoo.addons.loyalty_program.tools.movement import rounded


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

    def _known_by(self):
        return [*super()._known_by(), ("pos_order_line", "coupon_id")]

    @api.model
    def get_till_accounts(self, partner_id):
        """Return where a customer stands now, whatever the till knows of it.

        :param int partner_id: id of the customer at the till
        :return: list of dicts with id (of the card), points (without what has expired;
            below zero: owed), points_multiplier and tier_rank
        :raises ValidationError: no id
        :raises AccessError: the user does not see cards
        """
        engine = self.env["lifecycle.engine"]
        (number,) = engine._check_ids("partner_id", [partner_id])
        domain = [("partner_id", "=", number), ("account_ids", "!=", False)]
        self.check_access("read")
        return [
            {
                "id": card.id,
                "points": rounded(card.points - account._due_points().get(account, 0)),
                "points_multiplier": card.points_multiplier,
                "tier_rank": card.tier_rank,
            }
            for card in self.search(domain)
            for account in card.sudo().account_ids
        ]

    @api.model
    def _load_pos_data_fields(self, config):
        own = ["points_multiplier", "tier_rank"]
        return [*super()._load_pos_data_fields(config), *own]
