from odoo import api, models

from ..tools.source import Source


class SaleOrderLine(models.Model):
    """Rewards that change on a confirmed order are that order's redemptions."""

    _inherit = "sale.order.line"

    def _of_order(self, orders):
        source = Source("lines", "sale.order", tuple(orders.ids))
        return self.with_context(loyalty_source=source)

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("coupon_id") for vals in vals_list):
            numbers = {vals.get("order_id") for vals in vals_list}
            orders = self.env["sale.order"].browse(filter(None, numbers))
            lines = super(SaleOrderLine, self._of_order(orders)).create(vals_list)
            return lines.with_env(self.env)
        return super().create(vals_list)

    def write(self, vals):
        if "points_cost" not in vals:
            return super().write(vals)
        return super(SaleOrderLine, self._of_order(self.order_id)).write(vals)

    def unlink(self):
        if not self.coupon_id:
            return super().unlink()
        return super(SaleOrderLine, self._of_order(self.order_id)).unlink()
