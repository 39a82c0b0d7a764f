from odoo import api, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        """Who pays is at the browser: the order learns of the invitation now."""
        transactions = super().create(vals_list)
        orders = transactions.sale_order_ids
        orders.filtered(lambda o: o.state in ("draft", "sent"))._note_invitation()
        return transactions

    def _check_amount_and_confirm_order(self):
        """Orders whose points are gone are kept back: standard would raise an error
        that nobody reads, again and again, after the customer has paid.
        """
        short = self.filtered(lambda transaction: transaction._is_short_of_points())
        rest = super(PaymentTransaction, self - short)
        return rest._check_amount_and_confirm_order()

    def _is_short_of_points(self):
        order = self.sale_order_ids
        is_open = len(order) == 1 and order.state in ("draft", "sent")
        return is_open and order._loyalty_hold_short()

    def _update_state(self, allowed_states, target_state, state_message):
        """Payments and refunds may decide about an invitation."""
        changed = super()._update_state(allowed_states, target_state, state_message)
        if target_state in ("done", "cancel", "error"):
            for transaction in changed:
                orders = transaction.sudo()._loyalty_orders()
                referrals = self.env["loyalty.referral"]
                referrals._payment_changed(orders.partner_id, transaction)
                if transaction.operation == "refund":
                    orders._loyalty_money_returned()
        return changed

    # ------------------------------------------------------------------------ refunds
    def _loyalty_orders(self):
        """Return the orders that were paid, at once or by their invoices; those of a
        refund are those of the payment.
        """
        payments = self._loyalty_origin()
        lines = payments.invoice_ids.invoice_line_ids.sale_line_ids
        return payments.sale_order_ids | lines.order_id

    def _loyalty_origin(self):
        """Return what the customer paid: captures and refunds come from it."""
        found = self
        while sources := found.source_transaction_id:
            found = (found - found.filtered("source_transaction_id")) | sources
        return found

    def _loyalty_given_back(self):
        """Return the refunds of these payments, or of what was captured of them."""
        found, rest = self, self.child_transaction_ids
        while rest:
            found, rest = found | rest, rest.child_transaction_ids - found
        return found.filtered(lambda t: t.operation == "refund" and t.state == "done")

    def _loyalty_is_payment(self):
        """Whether money came in, and not only a means of payment was tried."""
        return self.state == "done" and self.operation not in ("validation", "refund")

    def _loyalty_part(self, order):
        """Return how much of a payment was for an order, 0 to 1: of several orders each
        has its part, of an invoice what it says.
        """
        orders = self._loyalty_orders()
        if orders == order:
            return 1.0
        invoiced = self._loyalty_origin().invoice_ids.invoice_line_ids
        worth = {
            each: sum((each.order_line.invoice_lines & invoiced).mapped("price_total"))
            if invoiced
            else each.amount_total
            for each in orders
        }
        total = sum(worth.values())
        return worth.get(order, 0) / total if total > 0 else 0.0
