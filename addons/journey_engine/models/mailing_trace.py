from datetime import timedelta

from odoo import api, fields, models

# No person opens or clicks that fast.
MACHINE = timedelta(seconds=2)


class MailingTrace(models.Model):
    """What the platform's tracking learns of a journey's message becomes an event.

    An event is an insert: it collides with no batch. Its consumer writes the delivery.
    """

    _inherit = "mailing.trace"

    _message_id_idx = models.Index("(message_id) WHERE message_id IS NOT NULL")

    def _of_journeys(self):
        return self.filtered(lambda trace: trace.mass_mailing_id.journey_company_id)

    def _log_contacts(self):
        """A journey counts its messages when it decides on them."""
        return super(MailingTrace, self - self._of_journeys())._log_contacts()

    def set_opened(self, domain=None):
        """An open within a moment of the delivery is a machine's."""
        traces = self + (self.search(domain) if domain else self.browse())
        human = traces - traces._too_fast()
        result = super(MailingTrace, human).set_opened()
        human._record_engagement("message_opened")
        return result

    def set_clicked(self, domain=None):
        traces = self + (self.search(domain) if domain else self.browse())
        result = super(MailingTrace, traces).set_clicked()
        traces._record_engagement("message_clicked")
        return result

    def set_replied(self, domain=None):
        traces = self + (self.search(domain) if domain else self.browse())
        result = super(MailingTrace, traces).set_replied()
        traces._record_engagement("message_replied")
        return result

    def set_bounced(self, domain=None, bounce_message=False):
        traces = self + (self.search(domain) if domain else self.browse())
        result = super(MailingTrace, traces).set_bounced(bounce_message=bounce_message)
        traces._record_engagement("message_bounced")
        return result

    def _too_fast(self):
        """Return the traces of journeys whose message left just now."""
        now = fields.Datetime.now()
        return self._of_journeys().filtered(
            lambda t: t.sent_datetime and now - t.sent_datetime <= MACHINE
        )

    @api.model
    def _engagement_type(self):
        return ("message_opened", "message_clicked", "message_replied")

    def _record_engagement(self, event_type):
        """Write what happened into the customers' timelines, once per message."""
        mine = self._of_journeys()
        if not mine:
            return
        self.env.flush_all()
        deliveries = self.env["journey.delivery"].sudo()
        now = fields.Datetime.now()
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": delivery.customer_id.id,
                    "company_id": delivery.company_id.id,
                    "event_type": event_type,
                    "event_key": f"{event_type}:{delivery.trace_id.id}",
                    "occurred_at": now,
                    "res_model": "journey.delivery",
                    "res_id": delivery.id,
                    "data": {"step": delivery.step_code, "channel": delivery.channel},
                }
                for delivery in deliveries.search([("trace_id", "in", mine.ids)])
            ]
        )
