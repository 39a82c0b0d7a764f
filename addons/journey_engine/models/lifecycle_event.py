from odoo import api, models

MESSAGE_EVENTS = (
    "message_opened",
    "message_clicked",
    "message_replied",
    "message_bounced",
)


class LifecycleEvent(models.Model):
    """Journeys hear of orders and of what customers do with messages."""

    _inherit = "lifecycle.event"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "message_opened": self.env._("Message opened"),
            "message_clicked": self.env._("Message clicked"),
            "message_replied": self.env._("Message replied to"),
            "message_bounced": self.env._("Message bounced"),
            "review_posted": self.env._("Review posted"),
        }

    @api.model
    def _event_consumers(self):
        return {**super()._event_consumers(), "journeys": "_consume_journeys"}

    def _is_fact(self):
        """Opinions and what is done with messages count no order anew."""
        told = (*MESSAGE_EVENTS, "review_posted")
        return self.event_type not in told and super()._is_fact()

    def _consume_journeys(self):
        """Note engagement; end the journeys of those who reached a goal."""
        messages = self.filtered(lambda event: event.event_type in MESSAGE_EVENTS)
        if messages:
            self.env["journey.delivery"].sudo()._note_engagement(messages)
        others = self - messages
        if others:
            scheduler = self.env["journey.scheduler"].sudo()
            for company, events in others.grouped("company_id").items():
                scheduler.with_company(company)._hear(events)
