from odoo import Command, fields

from .common import LoyaltyCommon


class RefundCommon(LoyaltyCommon):
    """Orders that are invoiced, and invoices that are refunded."""

    def _paid_with_points(self, amount=50):
        account = self._member(100)
        order = self._create_order(account.customer_id, None, amount)
        self._claim(order, account)
        order.action_confirm()
        return account, order

    def _invoice(self, order):
        order.order_line.filtered(lambda l: not l.reward_id).qty_delivered = 1
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _refund(self, invoice, amount=None):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": fields.Date.today()})
        )
        action = wizard.refund_moves()
        refund = self.env["account.move"].browse(action["res_id"])
        if amount is not None:
            line = refund.invoice_line_ids[0]
            refund.invoice_line_ids = [
                Command.update(line.id, {"price_unit": amount}),
                *(Command.delete(rest.id) for rest in refund.invoice_line_ids[1:]),
            ]
        refund.action_post()
        return refund

    def _add_delivery(self, order, price):
        """Put a line onto an order that the carrier is paid for."""
        product = {"name": "By van", "type": "service", "invoice_policy": "order"}
        van = {
            "product_id": self.env["product.product"].create(product).id,
            "price_unit": price,
            "is_delivery": True,
            "tax_ids": False,
        }
        order.order_line = [Command.create(van)]
