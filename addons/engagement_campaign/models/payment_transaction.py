from odoo import fields, models

# What a state of a transaction means on the timeline.
EVENTS = {
    "error": "payment_failed",
    "cancel": "payment_failed",
    # An authorisation is no money yet, and may be voided.
    "done": "payment_done",
}
# What is no payment of a customer.
OTHER = ("validation", "refund")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _update_state(self, allowed_states, target_state, state_message):
        """A payment that fails or arrives is an event on the customer's timeline."""
        voided = self.filtered(lambda transaction: transaction.state == "authorized")
        updated = super()._update_state(allowed_states, target_state, state_message)
        if target_state == "cancel":
            # The shop gave an authorisation back: no payment failed.
            updated -= voided
        if target_state in EVENTS:
            updated._record_payments(EVENTS[target_state])
        return updated

    def _record_payments(self, event_type):
        now = fields.Datetime.now()
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": transaction.partner_id.commercial_partner_id.id,
                    "company_id": transaction.company_id.id,
                    "event_type": event_type,
                    "event_key": f"{event_type}:{transaction.id}",
                    "occurred_at": now,
                    "res_model": self._name,
                    "res_id": transaction.id,
                    "data": {
                        "reference": transaction.reference,
                        "amount": transaction.amount,
                        "currency": transaction.currency_id.name,
                        "value": transaction._company_value(now),
                        "documents": transaction._paid_documents(),
                    },
                }
                for transaction in self
                if transaction.partner_id and transaction.operation not in OTHER
            ]
        )

    def _paid_documents(self):
        """Return what was, or was to be, paid: ["sale.order,7", ...]."""
        return [
            f"{record._name},{record.id}"
            for records in (self.sale_order_ids, self.invoice_ids)
            for record in records
        ]

    def _company_value(self, now):
        """Return the untaxed part of the amount, in the company's currency."""
        company = self.company_id
        value = self.currency_id._convert(
            self.amount, company.currency_id, company, now.date()
        )
        paid = self.sale_order_ids or self.invoice_ids
        gross = sum(paid.mapped("amount_total"))
        net = sum(paid.mapped("amount_untaxed"))
        return company.currency_id.round(value * net / gross) if gross else value
