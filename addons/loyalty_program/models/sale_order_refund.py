from odoo import models

from ..tools.movement import refunded_share, rounded


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
        self._loyalty_reverse(by_refunds=not self.loyalty_reversed)
        self._loyalty_return(share, -1)

    def _loyalty_money_returned(self):
        """Bring points up to date after a payment provider gave money back; orders that
        are confirmed later are paid for otherwise. It is too late to refuse.
        """
        orders = self.with_context(loyalty_money_is_back=True)
        for order in orders.filtered(lambda order: order.state != "sale"):
            order._loyalty_settle_former()
        for order in orders._loyalty_credited():
            order._loyalty_settle_refunds()

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

    def _loyalty_refunded_share(self, program=None):
        """Return how much of the order was refunded, 0 to 1.

        By what its goods cost, whoever paid: rewards and vouchers that lowered the sum
        were given for all of them. Where goods cost nothing, by how many there are.

        :param program: ``loyalty.program``; of the goods that it counts. None: of all
        """
        goods = self._loyalty_goods()
        counted = self._loyalty_counted(program, goods) if program else goods
        share = self._loyalty_share_by_price(counted)
        if share is None:
            lines = self.order_line if counted == goods else counted
            share = self._loyalty_share_by_quantity(lines)
        return max(share, self._loyalty_paid_back())

    def _loyalty_goods(self):
        """Return the lines that are bought: rewards and deliveries earn nothing."""
        idle = self._get_no_effect_on_threshold_lines()
        return (self.order_line - idle).filtered(lambda line: not line.reward_id)

    def _loyalty_counted(self, program, goods):
        """Return the goods that earned in a program: those that the rules of the
        order's day count. What never earned costs no points when it is refunded.

        All of them where nobody wrote rules down, or no rule knows any.

        :param goods: ``sale.order.line``
        """
        rules = self._loyalty_terms(program).get("rules")
        if not rules:
            return goods
        found = program._by_rules(rules)._get_valid_products(goods.product_id)
        known = self.env["product.product"].union(*found.values())
        sold = goods.filtered(lambda line: not line.is_downpayment)
        # What is chosen for a combination counts with it.
        counted = sold.filtered(
            lambda line: (
                ((line.combo_item_id and line.linked_line_id) or line).product_id
                in known
            )
        )
        # Down payments are for all goods.
        return counted if counted and counted != sold else goods

    def _loyalty_share_by_price(self, goods):
        """Return how much of some lines was refunded, 0 to 1; None: they cost nothing.

        :param goods: ``sale.order.line``
        """
        invoices, _refunds = self._loyalty_posted(goods)
        total = sum(self._loyalty_worth(line, invoices) for line in goods)
        if total <= 0:
            return None
        return refunded_share(total, *self._loyalty_since("price", goods))

    def _loyalty_share_by_quantity(self, lines):
        """Return how many things of some lines came back, 0 to 1."""
        total = sum(lines.mapped("product_uom_qty"))
        return refunded_share(total, *self._loyalty_since("quantity", lines))

    def _loyalty_worth(self, line, invoices):
        """Return what a line comes to: what was invoiced of it, if that is all there
        is; where more was invoiced, the rest corrects, and only a lower price counts.
        """
        mine = invoices & line.invoice_lines
        amount, quantity = sum(mine.mapped("price_total")), sum(mine.mapped("quantity"))
        more = rounded(quantity - line.product_uom_qty)
        is_price = not more or (more > 0 and amount < line.price_total)
        return amount if amount > 0 and is_price else line.price_total

    # ------------------------------------------------------------------------- sums
    def _loyalty_posted(self, lines):
        """Return (lines of invoices, of credit notes) that are posted."""
        posted = lines.invoice_lines.filtered(lambda l: l.parent_state == "posted")
        refunds = posted.filtered(lambda line: line.move_type == "out_refund")
        return posted - refunds, refunds

    def _loyalty_since(self, measure, lines):
        """Return (invoiced, refunded) of some lines; what had been refunded before the
        order was confirmed another time is no part of it.
        """
        noted = (self.sudo().loyalty_settled or {}).get(measure, {})
        former = sum(noted.get(str(line.id), 0) for line in lines)
        return [amount - former for amount in self._loyalty_sums(measure, lines)]

    def _loyalty_sums(self, measure, lines):
        """Return (invoiced, refunded) of some lines; bridges know further doors.

        :param str measure: price (taxes included) or quantity
        :param lines: ``sale.order.line``
        """
        field = "price_total" if measure == "price" else "quantity"
        invoices, refunds = self._loyalty_posted(lines)
        refunded = sum(refunds.mapped(field))
        if measure == "price":
            refunded += self._loyalty_refunded_apart(invoices)
        return sum(invoices.mapped(field)), refunded

    def _loyalty_settle_former(self):
        """Note what was refunded before the order is confirmed another time: it may be
        invoiced anew.
        """
        former = {
            "price": self._loyalty_refunded_by_line("price"),
            "quantity": self._loyalty_refunded_by_line("quantity"),
            "money": self._loyalty_money()[1],
        }
        self._loyalty_set("loyalty_settled", former if any(former.values()) else False)

    def _loyalty_refunded_by_line(self, measure):
        """Return {line's number: what was refunded of it}."""
        sums = {l.id: self._loyalty_sums(measure, l)[1] for l in self.order_line}
        return {str(number): back for number, back in sums.items() if back}

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
        """Return how much of the order's money a payment provider gave back, 0 to 1;
        where credit notes say what for, these count. What was paid beyond the order
        goes back first.
        """
        former = (self.sudo().loyalty_settled or {}).get("money", 0)
        paid, back = (amount - former for amount in self._loyalty_money())
        if back <= 0 or self.amount_total <= 0:
            return 0.0
        invoiced, noted = self._loyalty_since("price", self.order_line)
        noted -= max(invoiced - self.amount_total, 0)
        if self.currency_id.compare_amounts(noted, back) >= 0:
            return 0.0
        return refunded_share(self.amount_total, paid, back)

    def _loyalty_money(self):
        """Return (what payment providers got, what they gave back) of the order and its
        invoices; of payments for several orders, this one's part.
        """
        order = self.sudo()
        payments = order.transaction_ids | order.invoice_ids.transaction_ids
        got = payments.filtered(lambda payment: payment._loyalty_is_payment())
        back = payments._loyalty_given_back()
        paid, returned = (
            sum(each.amount * each._loyalty_part(order) for each in found)
            for found in (got, back)
        )
        return paid, -returned
