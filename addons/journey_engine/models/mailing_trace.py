from datetime import timedelta

from odoo import fields, models

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

    def write(self, vals):
        """SMS change their traces past the setters: gateways report late, and what
        failed is sent again by hand.
        """
        result = super().write(vals)
        status = vals.get("trace_status")
        texts = self.filtered(lambda t: status and t.trace_type == "sms")
        if mine := texts._of_journeys():
            deliveries = self.env["journey.delivery"].sudo()
            if status in ("error", "bounce"):
                deliveries._reopen(mine)
            elif status in ("process", "pending", "sent"):
                deliveries._revive(mine)
            if status == "bounce":
                mine._record_engagement("message_bounced")
        return result

    def set_sent(self, domain=None):
        """A message that failed and was sent again by hand has left after all."""
        traces = super().set_sent(domain)
        if mine := traces._of_journeys():
            self.env["journey.delivery"].sudo()._revive(mine)
        return traces

    def set_opened(self, domain=None):
        """An open within a moment of the delivery is a machine's."""
        traces = self + (self.search(domain) if domain else self.browse())
        human = traces._clicked_by_people() - traces._too_fast()
        result = super(MailingTrace, human).set_opened()
        human._record_engagement("message_opened")
        return result

    def set_clicked(self, domain=None):
        traces = self + (self.search(domain) if domain else self.browse())
        human = traces._clicked_by_people()
        result = super(MailingTrace, human).set_clicked()
        human._record_engagement("message_clicked")
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

    def _clicked_by_people(self):
        """Leave out traces of journeys where the click that is counted now is a
        machine's.
        """
        if not self.env.context.get("journey_click"):
            return self
        return self.filtered(
            lambda t: t.links_click_ids.sorted("id")[-1:] <= t._human_clicks()
        )

    def _human_clicks(self):
        """Return the clicks that no machine made, the first one first."""
        return self.links_click_ids.filtered(lambda c: not c.is_automatic).sorted("id")

    def _forget_clicks(self, clicks):
        """Take back what clicks were counted as that turned out to be a machine's."""
        first, last = min(clicks.mapped("create_date")), self._human_clicks()[-1:]
        values = {"links_click_datetime": last.create_date}
        # Such a click counted as an open, too; a pixel seen earlier stays.
        opened = self.open_datetime
        if not last and opened and opened >= first.replace(microsecond=0):
            values["open_datetime"] = False
            if self.trace_status == "open":
                values["trace_status"] = "sent"
        self.write(values)
        deliveries = self.env["journey.delivery"].sudo()
        deliveries._count_engagement(
            deliveries.search([("trace_id", "=", self.id)]).ids
        )

    def _too_fast(self):
        """Return the traces of journeys whose message left just now."""
        now = fields.Datetime.now()
        return self._of_journeys().filtered(
            lambda t: t.sent_datetime and now - t.sent_datetime <= MACHINE
        )

    def _engagement_key(self, event_type):
        """Once per message; once more if the first click was a machine's after all."""
        parts = [event_type, self.id]
        if event_type == "message_clicked":
            parts += self._human_clicks()[:1].ids
        return ":".join(map(str, parts))

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
                    "event_key": delivery.trace_id._engagement_key(event_type),
                    "occurred_at": now,
                    "res_model": "journey.delivery",
                    "res_id": delivery.id,
                    "data": {"step": delivery.step_code, "channel": delivery.channel},
                }
                for delivery in deliveries.search([("trace_id", "in", mine.ids)])
            ]
        )
