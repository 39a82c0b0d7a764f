from odoo import models


class PosConfig(models.Model):
    _inherit = "pos.config"

    def use_coupon_code(self, code, creation_date, partner_id, pricelist_id):
        """The card of a member who was merged stands for that of who took over."""
        cards = self.env["loyalty.card"].with_context(active_test=False)
        former = cards.search([("code", "=", code), ("active", "=", False)], limit=1)
        if former.program_id.accounts_since:
            code = former._successor().code
        return super().use_coupon_code(code, creation_date, partner_id, pricelist_id)
