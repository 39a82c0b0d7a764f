from odoo import models

from ..tools.movement import refunded_share


class SaleOrderRefund(models.AbstractModel):
    """Refunds of an order: points follow the money, both ways, in proportion."""

    _name = "sale.order.refund"
    _description = "Loyalty of a refunded Order"

    def _loyalty_credited(self):
        """Return the orders that may have earned: when they were confirmed, or later,
        as past ones.
        """
        rest = self.filtered(lambda order: not order.loyalty_turn)
        domain = [("source_type", "=", "sale.order"), ("source_id", "in", rest.ids)]
        rows = rest and self.env["loyalty.transaction"].sudo().search(domain)
        known = set(rows.mapped("source_id")) if rows else set()
        return self - rest.filtered(lambda order: order.id not in known)

    def _loyalty_settle_refunds(self):
        """Earned and redeemed points are those of what was not refunded."""
        self.ensure_one()
        if self.state != "sale":
            return
        share = self._loyalty_refunded_share()
        self._loyalty_reverse(share)
        for account in self._loyalty_accounts():
            account._give_back(self, share)

    def _loyalty_refunded_share(self):
        """Return how much of the order was refunded, 0 to 1."""
        lines = self.order_line.invoice_lines.filtered(
            lambda line: line.parent_state == "posted"
        )
        refunds = lines.filtered(lambda line: line.move_type == "out_refund")
        invoiced = sum((lines - refunds).mapped("price_total"))
        refunded = sum(refunds.mapped("price_total"))
        return refunded_share(self.amount_total, invoiced, refunded)
