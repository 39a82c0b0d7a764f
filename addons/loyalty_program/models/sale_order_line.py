from odoo import api, models

from ..tools.source import Source

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

    def _of_order(self, orders):
        source = Source("lines", "sale.order", tuple(orders.ids))
        return self.with_context(loyalty_source=source)

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("coupon_id") for vals in vals_list):
            numbers = {vals.get("order_id") for vals in vals_list}
            orders = self.env["sale.order"].browse(filter(None, numbers))
            lines = super(SaleOrderLine, self._of_order(orders)).create(vals_list)
            lines = lines.with_env(self.env)
        else:
            lines = super().create(vals_list)
        lines._changed_orders()._loyalty_changed()
        return lines

    def write(self, vals):
        lines = self._of_order(self.order_id) if "points_cost" in vals else self
        result = super(SaleOrderLine, lines).write(vals)
        if not COUNTED.isdisjoint(vals):
            self._changed_orders()._loyalty_changed()
        return result

    def unlink(self):
        changed = self._changed_orders()
        lines = self._of_order(self.order_id) if self.coupon_id else self
        result = super(SaleOrderLine, lines).unlink()
        changed._loyalty_changed()
        return result

    def _changed_orders(self):
        """Return the confirmed orders among those of the lines."""
        return self.order_id.filtered(lambda order: order.state == "sale")
