from odoo import fields, models


class SmsSms(models.Model):
    _inherit = "sms.sms"

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
        """Leave out what has been overtaken since it was queued."""
        rest = self - self._overtaken()
        return super(SmsSms, rest)._send_with_api(*args, **kwargs) if rest else None

    def _overtaken(self):
        """Cancel, and return, the messages of journeys that should not leave."""
        deliveries = self.env["journey.delivery"].sudo()
        waiting = deliveries.search(
            [("sms_id", "in", self.ids), ("state", "=", "queued")]
        )
        if not waiting:
            return self.browse()
        scheduler = self.env["journey.scheduler"].sudo()
        reasons = scheduler._overtaken(waiting, fields.Datetime.now())
        return waiting.browse(reasons)._cancel_queued(reasons).sms_id
