from odoo import api, fields, models
from odoo.tools import email_normalize

# A trace in these states went out.
SENT = ("pending", "sent", "open", "reply")


class MailingTrace(models.Model):
    """Ordinary mass mailings count for the caps, too."""

    _inherit = "mailing.trace"

    @api.model_create_multi
    def create(self, vals_list):
        traces = super().create(vals_list)
        traces.filtered(lambda t: t.trace_status in SENT)._log_contacts()
        return traces

    def write(self, vals):
        fresh = self.browse()
        if vals.get("trace_status") in SENT:
            fresh = self.filtered(lambda t: t.trace_status not in SENT)
        result = super().write(vals)
        fresh._log_contacts()
        return result

    def _log_contacts(self):
        """Write what went out into the contact log, once per trace."""
        partners = self._recipients()
        for company, traces in self.grouped(
            lambda trace: trace.mass_mailing_id._contact_company()
        ).items():
            self.env["contact.log"].sudo().with_company(company)._record(
                [trace._prepare_contact(partners.get(trace)) for trace in traces]
            )

    def _recipients(self):
        """Return {trace: partner} of traces that went to partners."""
        to_partners = self.filtered(lambda t: t.model == "res.partner")
        partners = self.env["res.partner"].sudo().browse(to_partners.mapped("res_id"))
        existing = partners.exists()
        return {
            trace: partner
            for trace, partner in zip(to_partners, partners, strict=True)
            if partner in existing
        }

    def _prepare_contact(self, partner):
        """Return the row of the contact log; partner is none for other recipients."""
        self.ensure_one()
        channel = {"mail": "email"}.get(self.trace_type, self.trace_type)
        return {
            "customer_id": partner.commercial_partner_id.id if partner else None,
            "addressee_id": partner.id if partner else None,
            "channel": channel,
            "address": self._contact_address(partner),
            "category": "marketing",
            "sent_at": self.sent_datetime or fields.Datetime.now(),
            "message_key": f"trace:{self.id}",
        }

    def _contact_address(self, partner):
        """Return the normalised address that a message went to."""
        if self.trace_type == "mail":
            return email_normalize(self.email or "") or None
        if "sms_number" in self._fields and self.sms_number:
            return self.sms_number
        return partner.phone_sanitized if partner else None
