from odoo import Command

from .common import LoyaltyCommon


class PaymentCommon(LoyaltyCommon):
    """Payments by a provider, and money that it gives back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["payment.provider"].create(
            {"name": "Card", "code": "none", "company_id": cls.shop.id}
        )
        cls.method = cls.env["payment.method"].create(
            {"name": "Card", "code": "referral_card"}
        )
        templates = cls.env["account.chart.template"]
        if not cls.shop.chart_template:
            templates.try_loading("generic_coa", cls.shop, install_demo=False)

    def _pay(self, order, amount=None):
        """Pay an order online."""
        transaction = self._transaction(order, amount or order.amount_total)
        transaction._set_done()
        self._dispatch()
        return transaction

    def _transaction(self, order, amount, **values):
        values.setdefault("sale_order_ids", [Command.set(order.ids)])
        return self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "reference": f"referral-{next(self.numbers)}",
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "operation": "online_redirect",
                **values,
            }
        )

    def _pay_invoice(self, invoice):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({})._create_payments()
        self._dispatch()

    def _paid_order(self, account, amount=100):
        """(a confirmed order of a member, what paid for it)."""
        order = self._create_order(account.customer_id, None, amount)
        paid = self._pay(order)
        if order.state != "sale":
            order.action_confirm()
        return order, paid

    def _give_back(self, order, paid, amount):
        refund = self._transaction(
            order, -amount, operation="refund", source_transaction_id=paid.id
        )
        refund._set_done()
        self._dispatch()
        return refund

    def _pay_online(self, invoice):
        """Pay an invoice by its own link: the payment knows no order."""
        paid = self._transaction(
            invoice,
            invoice.amount_total,
            sale_order_ids=False,
            invoice_ids=[Command.set(invoice.ids)],
        )
        paid._set_done()
        self._pay_invoice(invoice)
        return paid

    def _give_back_of(self, paid, amount):
        """Give money back as the provider's button does: the refund knows nothing but
        the payment.
        """
        refund = paid._create_child_transaction(amount, is_refund=True)
        refund._set_done()
        self._dispatch()
