import uuid

from odoo import Command, models


class JourneyChannelSms(models.AbstractModel):
    """SMS go through the company's gateway, tracked as mass_mailing_sms does."""

    _inherit = "journey.channel"

    def _deliver_sms(self, step, items, now):
        codes = {
            item.run_id: self.env["mailing.trace"]._get_random_code() for item in items
        }
        texts = self.env["journey.renderer"]._render_sms(step, items, codes)
        people = self._addressees(items)
        messages = (
            self.env["sms.sms"]
            .sudo()
            .create(
                [
                    self._prepare_sms(
                        step, person, texts[item.run_id], codes[item.run_id]
                    )
                    for item, person in zip(items, people, strict=True)
                ]
            )
        )
        bodies = messages._update_body_short_links()
        traces = self.env["mailing.trace"].sudo()
        traces = traces.search([("sms_id_int", "in", messages.ids)])
        traces = traces.grouped("sms_id_int")
        for item, message in zip(items, messages, strict=True):
            if bodies[message.id] != message.body:
                message.body = bodies[message.id]
            item.sms_id = message.id
            item.trace_id = traces[message.id].id
            item.send()

    def _prepare_sms(self, step, person, text, code):
        number = uuid.uuid4().hex
        trace = {
            "mass_mailing_id": step.mailing_id.id,
            "model": "res.partner",
            "res_id": person.id,
            "sms_code": code,
            "sms_number": person.phone_sanitized,
            "sms_tracker_ids": [Command.create({"sms_uuid": number})],
            "trace_type": "sms",
        }
        return {
            "body": text,
            "number": person.phone_sanitized,
            "partner_id": person.id,
            "uuid": number,
            "state": "outgoing",
            "mailing_id": step.mailing_id.id,
            "mailing_trace_ids": [Command.create(trace)],
        }
