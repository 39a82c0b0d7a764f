from odoo import fields, models
from odoo.tools.urls import urljoin


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    contact_topic_id = fields.Many2one(
        "contact.topic",
        "Topic",
        ondelete="restrict",
        help="What unsubscribing from this mailing stops. Empty: the newsletter.",
    )

    def _contact_topic(self):
        """Return what unsubscribing from this mailing stops."""
        newsletter = self.env.ref(
            "customer_preference.topic_newsletter", raise_if_not_found=False
        )
        return self.contact_topic_id or newsletter or self.env["contact.topic"]

    def _contact_company(self):
        """Return in whose name a mailing goes out, whoever's cron sends it."""
        return (self.user_id or self.create_uid).company_id or self.env.company

    def _get_opt_out_list(self):
        """Who said no is left alone by mailings to orders, leads and others, too."""
        opted_out = super()._get_opt_out_list()
        if self.mailing_model_real in ("res.partner", "mailing.contact"):
            return opted_out
        people = self.env["res.partner"].sudo()
        return {*opted_out, *people._mailing_get_opt_out_list(self)}

    def _get_unsubscribe_url(self, email_to, res_id):
        """Unsubscribing stops the topic; standard's link blacklists the address."""
        return self._topic_url(res_id) or super()._get_unsubscribe_url(email_to, res_id)

    def _get_unsubscribe_oneclick_url(self, email_to, res_id):
        """What mail programs call for their reader (RFC 8058)."""
        url = self._topic_url(res_id)
        if url:
            return f"{url}/oneclick"
        return super()._get_unsubscribe_oneclick_url(email_to, res_id)

    def _is_customer(self, res_id):
        """Whether a recipient is a customer, or said something about messages."""
        person = self.env["res.partner"].sudo().browse(int(res_id)).exists()
        domain = [("customer_id", "in", person.commercial_partner_id.ids)]
        rows = self.env["customer.lifecycle"].sudo().search_count(domain, limit=1)
        return bool(rows or person.consent_ids)

    def _topic_url(self, res_id):
        """Return the link for a recipient, or nothing for other than customers."""
        if self.mailing_model_real != "res.partner" or not res_id:
            return None
        token = self.env["contact.unsubscribe"]._token(
            self.env["res.partner"].browse(int(res_id)),
            self._contact_topic(),
            self._contact_company(),
        )
        return urljoin(self.get_base_url(), f"contact/unsubscribe/{token}")
