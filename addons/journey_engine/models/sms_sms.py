from odoo import fields, models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    # The queue knows no date: a message in this state is not looked at.
    state = fields.Selection(
        selection_add=[("postponed", "Postponed")],
        ondelete={"postponed": lambda messages: messages.write({"state": "canceled"})},
    )

    def _get_sms_company(self):
        """A journey's message goes through the gateway of its company."""
        return self.mailing_id.journey_company_id or super()._get_sms_company()

    def _send(self, *args, **kwargs):
        """Send company by company: standard's queue expects one in a batch."""
        result = None
        for messages in self.grouped(
            lambda s: s.mailing_id.journey_company_id
        ).values():
            result = super(SmsSms, messages)._send(*args, **kwargs)
        return result

    def _send_with_api(self, *args, **kwargs):
        """Leave out what should not leave any more, or not now."""
        rest = self - self._stopped()
        return super(SmsSms, rest)._send_with_api(*args, **kwargs) if rest else None

    def _stopped(self):
        """Cancel or put off, and return, messages of journeys that should not leave."""
        deliveries = self.env["journey.delivery"].sudo()
        waiting = deliveries.search(
            [("sms_id", "in", self.ids), ("state", "in", ("queued", "failed"))]
        )
        if not waiting:
            return self.browse()
        scheduler = self.env["journey.scheduler"].sudo()
        return scheduler._stopped(waiting, fields.Datetime.now()).sms_id
