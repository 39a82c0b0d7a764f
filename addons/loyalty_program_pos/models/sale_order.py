from odoo import models

from .pos_order_loyalty import PAID


class SaleOrder(models.Model):
    """What of an order of the office was paid at the till may be refunded there."""

    _inherit = "sale.order"

    def _loyalty_sums(self, measure, lines):
        invoiced, refunded = super()._loyalty_sums(measure, lines)
        sold = self._loyalty_sold_at_till(lines)
        back = sold.refund_orderline_ids.filtered(_is_paid)
        return (
            invoiced + self._loyalty_till_sum(measure, sold),
            refunded - self._loyalty_till_sum(measure, back),
        )

    def _loyalty_sold_at_till(self, lines):
        """Return the paid lines of the till that settle lines of this order."""
        if "sale_order_line_id" not in self.env["pos.order.line"]._fields:
            return self.env["pos.order.line"]
        sold = lines.sudo().pos_order_line_ids.filtered(_is_paid)
        return sold.filtered(lambda line: not line.refunded_orderline_id)

    def _loyalty_till_sum(self, measure, lines):
        if measure == "price":
            return sum(lines.mapped("price_subtotal_incl"))
        total = 0
        for line in lines:
            origin = (line.refunded_orderline_id or line).sale_order_line_id
            total += origin._convert_qty(origin, line.qty, "p2s")
        return total


def _is_paid(line):
    return line.order_id.state in PAID
