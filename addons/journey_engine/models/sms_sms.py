from odoo import fields, models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _send_with_api(self, *args, **kwargs):
        """Leave out what has been overtaken since it was queued."""
        deliveries = self.env["journey.delivery"].sudo()
        waiting = deliveries.search(
            [("sms_id", "in", self.ids), ("state", "=", "queued")]
        )
        stopped = self.browse()
        if waiting:
            scheduler = self.env["journey.scheduler"].sudo()
            reasons = scheduler._overtaken(waiting, fields.Datetime.now())
            stopped = deliveries.browse(reasons)._cancel_queued(reasons).sms_id
        rest = self - stopped
        return super(SmsSms, rest)._send_with_api(*args, **kwargs) if rest else None
