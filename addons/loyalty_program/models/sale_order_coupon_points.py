from odoo import models

from ..tools.source import current_source


class SaleOrderCouponPoints(models.Model):
    """What an order notes of cards goes with it when it is cancelled."""

    _inherit = "sale.order.coupon.points"

    def unlink(self):
        """Whoever cancels an order takes its notes away; standard lets managers alone
        do that, and orders of members always have some.
        """
        source = current_source()
        states = set(self.sudo().order_id.mapped("state"))
        if source is not None and source.event == "cancel" and states == {"cancel"}:
            return super(SaleOrderCouponPoints, self.sudo()).unlink()
        return super().unlink()
