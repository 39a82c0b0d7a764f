from contextlib import nullcontext

from odoo import api, models

from ..tools.source import Source, moving

# What an order earns by.
COUNTED = {
    "product_id",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
}


class SaleOrderLine(models.Model):
    """Rewards that change on a confirmed order are that order's redemptions."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("coupon_id") for vals in vals_list):
            numbers = {vals.get("order_id") for vals in vals_list}
            orders = self.env["sale.order"].browse(filter(None, numbers))
            with _of(orders):
                lines = super().create(vals_list)
        else:
            lines = super().create(vals_list)
        lines._changed_orders()._loyalty_changed()
        return lines

    def write(self, vals):
        with _of(self.order_id) if "points_cost" in vals else nullcontext():
            result = super().write(vals)
        if not COUNTED.isdisjoint(vals):
            self._changed_orders()._loyalty_changed()
        return result

    def unlink(self):
        changed = self._changed_orders()
        with _of(self.order_id) if self.coupon_id else nullcontext():
            result = super().unlink()
        changed._loyalty_changed()
        return result

    def _changed_orders(self):
        """Return the confirmed orders among those of the lines."""
        return self.order_id.filtered(lambda order: order.state == "sale")


def _of(orders):
    """Points that move are those of a change of orders' lines."""
    return moving(Source("lines", "sale.order", tuple(orders.ids)))
