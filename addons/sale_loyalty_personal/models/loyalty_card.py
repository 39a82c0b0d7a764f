from odoo import models


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    def _owner_refusal(self, partner):
        """Say why ``partner`` may not use this code; nothing when he may.

        It does not say whose the code is: whoever found it learns nothing.
        """
        self.ensure_one()
        card = self.sudo()
        if not card.program_id.is_personal:
            return ""
        if not partner or partner.sudo().is_public:
            return self.env._(
                "This code is personal. Please sign in or enter your address first."
            )
        # Without its customer, deleted perhaps, a code is nobody's.
        owner = card.partner_id.commercial_partner_id
        if not owner or owner != partner.sudo().commercial_partner_id:
            return self.env._(
                "This code is personal: only the customer who received it may use it."
            )
        return ""
