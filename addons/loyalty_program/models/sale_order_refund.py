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
        # What comes in first pays for what goes out.
        self._loyalty_return(share, 1)
        self._loyalty_reverse(1 if self.loyalty_reversed else share)
        self._loyalty_return(share, -1)

    def _loyalty_return(self, share, sign):
        """Give back the points that the refunded part had cost, itself or as a code;
        or take them again where less is refunded than it was.

        :param float share: how much of the order was refunded, 0 to 1
        :param int sign: 1 to give, -1 to take
        """
        for account in self._loyalty_accounts():
            account._give_back(self, share, sign)
        for code in self._loyalty_codes():
            code._settle_refund(share, sign, self.name)

    def _loyalty_codes(self):
        """Return the codes bought with points that pay a part of the order."""
        lines = self.sudo().order_line.filtered("points_cost")
        return lines.coupon_id.filtered("redemption_id")

    def _loyalty_refunded_share(self):
        """Return how much of the order was refunded, 0 to 1."""
        lines = self.order_line.invoice_lines.filtered(
            lambda line: line.parent_state == "posted"
        )
        refunds = lines.filtered(lambda line: line.move_type == "out_refund")
        invoiced = sum((lines - refunds).mapped("price_total"))
        refunded = sum(refunds.mapped("price_total"))
        return refunded_share(self.amount_total, invoiced, refunded)
