from odoo import api, fields, models

# They tell of money and opinions, not of orders: no facts are counted anew.
NO_FACTS = (
    "payment_failed",
    "payment_done",
    "invoice_overdue",
    "account_closed",
)


class LifecycleEvent(models.Model):
    """Campaigns hear of what happens to customers."""

    _inherit = "lifecycle.event"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "payment_failed": self.env._("Payment failed"),
            "invoice_overdue": self.env._("Invoice overdue"),
            "account_closed": self.env._("Account closed"),
            "payment_done": self.env._("Payment received"),
            "cancellation": self.env._("Subscription ended or account closed"),
            # Of bridges; a playbook may wait for them before they are installed.
            "trial_ending": self.env._("Trial about to end"),
            "subscription_ended": self.env._("Subscription ended"),
            "delivery_done": self.env._("Delivered"),
        }

    @api.model
    def _event_consumers(self):
        return {**super()._event_consumers(), "campaigns": "_consume_campaigns"}

    def _is_fact(self):
        return self.event_type not in NO_FACTS and super()._is_fact()

    def _consume_campaigns(self):
        """Let the customers enter the campaigns that wait for these events."""
        for company, events in self.grouped("company_id").items():
            # Facts may be counted later; whoever something happens to is a customer.
            rows = self.env["customer.lifecycle"].sudo()
            rows._insert_missing([(c.id, company.id) for c in events.customer_id])
        campaigns = self.env["engagement.campaign"].sudo()
        campaigns._on_events(self, fields.Datetime.now())
