from odoo import models


class PosConfig(models.Model):
    _inherit = "pos.config"

    def use_coupon_code(self, code, creation_date, partner_id, pricelist_id):
        """Let contacts of the code's customer use it, and nobody else."""
        cards = self.env["loyalty.card"].sudo()
        card = cards.search([("code", "=", code)], limit=1)
        if card.program_id.is_personal:
            refusal = card._owner_refusal(self._customer(partner_id))
            if refusal:
                return {"successful": False, "payload": {"error_message": refusal}}
            # The standard knows only the very contact.
            partner_id = card.partner_id.id
        return super().use_coupon_code(code, creation_date, partner_id, pricelist_id)

    def _customer(self, partner_id):
        return self.env["res.partner"].browse(partner_id or []).exists()
