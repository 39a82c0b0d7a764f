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
                orders = (
                    transaction | transaction.source_transaction_id
                ).sale_order_ids
                referrals = self.env["loyalty.referral"]
                referrals._payment_changed(orders.sudo().partner_id, transaction)
                if transaction.operation == "refund":
                    for order in orders.sudo()._loyalty_credited():
                        order._loyalty_settle_refunds()
        return changed
