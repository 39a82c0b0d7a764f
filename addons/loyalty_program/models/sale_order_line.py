from contextlib import nullcontext

from odoo import api, models

from ..tools.claim import claiming
from ..tools.source import ANY, Source, moving

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

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "sale.order.line.claim"]

    @api.model_create_multi
    def create(self, vals_list):
        rewards = [vals for vals in vals_list if vals.get("coupon_id")]
        numbers = {vals.get("order_id") for vals in rewards} - {None, False}
        if len(numbers) > 1:
            # Each order redeems for itself.
            return self.browse().concat(*map(self.create, vals_list))
        orders = self.env["sale.order"].browse(numbers)
        with _of(orders, {vals["coupon_id"] for vals in rewards}):
            lines = super().create(vals_list)
        lines._check_claims()
        lines._changed_orders()._loyalty_changed()
        return lines

    def write(self, vals):
        self._check_claims_kept(vals)
        if not self or "points_cost" not in vals:
            result = super().write(vals)
        elif len(self.order_id) > 1:
            mine = self.grouped("order_id").values()
            return all(lines.write(vals) for lines in mine)
        else:
            with _of(self.order_id, {*self.coupon_id.ids, vals.get("coupon_id")}):
                result = super().write(vals)
        if not COUNTED.isdisjoint(vals):
            self._changed_orders()._loyalty_changed()
        return result

    def _reset_loyalty(self, complete=False):
        with claiming():
            return super()._reset_loyalty(complete)

    def unlink(self):
        if self.coupon_id and len(self.order_id) > 1:
            mine = self.grouped("order_id").values()
            return all(lines.unlink() for lines in mine)
        changed = self._changed_orders()
        with _of(self.order_id, self.coupon_id.ids):
            result = super().unlink()
        changed._loyalty_changed()
        return result

    def _changed_orders(self):
        """Return the confirmed orders among those of the lines."""
        return self.order_id.filtered(lambda order: order.state == "sale")


def _of(order, cards):
    """Points of cards (ids) that move are those of a change of an order's lines; what
    lines of a quotation claim moves nothing.
    """
    if not cards or order.state != "sale":
        return nullcontext()
    known = dict.fromkeys(cards, ANY)
    return moving(Source("lines", order._name, order._ids, cards=known, lasts=True))
