from odoo import models


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    def _on_orders(self):
        lines = self.env["pos.order.line"].sudo()
        used = lines.search([("coupon_id", "in", self.ids)]).coupon_id
        return super()._on_orders() | used
