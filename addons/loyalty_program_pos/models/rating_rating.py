from odoo import models

from .pos_order_loyalty import PAID


class RatingRating(models.Model):
    """What was bought at the till was bought."""

    _inherit = "rating.rating"

    def _loyalty_has_bought(self, owner, products):
        if super()._loyalty_has_bought(owner, products):
            return True
        domain = [
            ("product_id", "in", products.ids),
            ("order_id.state", "in", PAID),
            ("order_id.partner_id.commercial_partner_id", "=", owner.id),
        ]
        return bool(self.env["pos.order.line"].sudo().search_count(domain, limit=1))
