from odoo.http import request, route

from odoo.addons.mass_mailing_sms.controllers.main import MailingSMSController


class JourneySmsController(MailingSMSController):
    """The way out of a journey's SMS leads to the page where its e-mails lead, too."""

    def _check_trace(self, mailing_id, trace_code):
        """Find those of journeys, too, whose mailings are out of sight."""
        found = super()._check_trace(mailing_id, trace_code)
        if "trace" in found:
            return found
        trace = request.env["mailing.trace"].sudo()
        trace = trace.search(
            [
                ("trace_type", "=", "sms"),
                ("sms_code", "=", trace_code),
                ("mass_mailing_id", "=", mailing_id),
            ]
        ).filtered("mass_mailing_id.journey_company_id")
        return {"trace": trace} if trace else found

    @route()
    def blacklist_number(self, mailing_id, trace_code, **post):
        """Ask, for whoever knows code and number, what to stop.

        Standard blocks the number for everything, and does so when it is looked at.
        """
        trace = self._check_trace(mailing_id, trace_code).get("trace")
        mailing = trace.mass_mailing_id if trace else None
        if not mailing or not mailing.journey_company_id:
            return super().blacklist_number(mailing_id, trace_code, **post)
        number = post.get("sms_number", "").strip()
        mine = trace.filtered(lambda t: t.sms_number == number)[:1] if number else None
        person = request.env["res.partner"].sudo().browse(mine.res_id if mine else [])
        if not person.exists():
            return request.redirect(f"/sms/{mailing_id}/{trace_code}")
        token = request.env["contact.unsubscribe"]._token(
            person, mailing._contact_topic(), mailing.journey_company_id
        )
        return request.redirect(f"/contact/unsubscribe/{token}")
