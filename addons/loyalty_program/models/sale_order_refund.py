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
        """Return how much of the order was refunded, 0 to 1.

        By what its goods cost, whoever paid: rewards and vouchers that lowered the sum
        were given for all of them. Where goods cost nothing, by how many there are.
        """
        goods = self.order_line.filtered(lambda line: not line.reward_id)
        share = self._loyalty_share_of(goods, "price_total", "price_total")
        if share is None:
            lines = self.order_line
            share = self._loyalty_share_of(lines, "product_uom_qty", "quantity")
        return max(share or 0.0, self._loyalty_paid_back())

    def _loyalty_share_of(self, lines, field, invoiced_field):
        """Return how much of some lines was refunded, 0 to 1; None: unknown.

        :param str field: measure of ``sale.order.line``
        :param str invoiced_field: the same of ``account.move.line``
        """
        posted = lines.invoice_lines.filtered(lambda l: l.parent_state == "posted")
        refunds = posted.filtered(lambda line: line.move_type == "out_refund")
        invoices = posted - refunds
        total = sum(self._loyalty_worth(line, field, invoices) for line in lines)
        if total <= 0:
            return None
        invoiced = sum(invoices.mapped(invoiced_field))
        refunded = sum(refunds.mapped(invoiced_field))
        if field == "price_total":
            refunded += self._loyalty_refunded_apart(invoices)
        return refunded_share(total, invoiced, refunded)

    def _loyalty_worth(self, line, field, invoices):
        """Return what a line comes to: what was invoiced of it, if that was less and is
        all there is to come.
        """
        mine = invoices & line.invoice_lines
        amount = sum(mine.mapped("price_total"))
        is_whole = mine and sum(mine.mapped("quantity")) >= line.product_uom_qty
        if field == "price_total" and is_whole and 0 < amount < line.price_total:
            return amount
        return line[field]

    def _loyalty_refunded_apart(self, invoices):
        """Return what credit notes of the order's invoices refund by lines of their
        own; of an invoice for several orders, this one's part.

        :param invoices: ``account.move.line`` of the order
        """
        refunded = 0
        for move, mine in invoices.grouped("move_id").items():
            notes = move.reversal_move_ids.filtered(
                lambda note: note.state == "posted" and note.move_type == "out_refund"
            )
            lines = notes.invoice_line_ids.filtered(
                lambda l: l.display_type == "product" and not l.sale_line_ids
            )
            known = move.invoice_line_ids.filtered(
                lambda l: l.sale_line_ids and not l.sale_line_ids.reward_id
            )
            whole = sum(known.mapped("price_total"))
            if lines and whole > 0:
                part = sum(mine.mapped("price_total")) / whole
                refunded += sum(lines.mapped("price_total")) * part
        return refunded

    def _loyalty_paid_back(self):
        """Return how much of the order's money a payment provider gave back, 0 to 1."""
        payments = self.sudo().transaction_ids
        refunds = (payments | payments.child_transaction_ids).filtered(
            lambda payment: payment.operation == "refund" and payment.state == "done"
        )
        if not refunds or self.amount_total <= 0:
            return 0.0
        return min(-sum(refunds.mapped("amount")) / self.amount_total, 1.0)
