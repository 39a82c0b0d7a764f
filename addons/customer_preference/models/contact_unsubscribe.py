from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools.misc import hash_sign, verify_hash_signed

UNSUBSCRIBE = "customer_preference.unsubscribe"
CONFIRM = "customer_preference.confirm"
# A mail is read months after it came, and must still be answered then.
VALID_HOURS = {UNSUBSCRIBE: 24 * 400, CONFIRM: 24 * 7}


class Ticket(NamedTuple):
    """Whom a token speaks for, and about what."""

    person: object
    topic: object
    company: object


class ContactUnsubscribe(models.AbstractModel):
    """What people can do with the signed links of their messages."""

    _name = "contact.unsubscribe"
    _description = "Unsubscribe Links"

    @api.model
    def _token(self, person, topic, company=None, scope=UNSUBSCRIBE):
        """Return the signed token that lets whoever has it speak for ``person``."""
        values = {
            "person": person.id,
            "topic": topic.id or False,
            "company": (company or self.env.company).id,
        }
        hours = VALID_HOURS[scope]
        return hash_sign(self.sudo().env, scope, values, expiration_hours=hours)

    @api.model
    def _read_token(self, token, scope=UNSUBSCRIBE):
        """Return the Ticket, or None when the token is forged, stale or orphaned."""
        env = self.sudo().env
        try:
            values = verify_hash_signed(env, scope, token)
        except (ValueError, UnicodeError):
            return None
        if not values:
            return None
        person = env["res.partner"].browse(values["person"]).exists()
        company = env["res.company"].browse(values["company"]).exists()
        topic = env["contact.topic"].browse(values["topic"] or []).exists()
        return Ticket(person, topic, company) if person and company else None

    @api.model
    def _stop(self, ticket, evidence, everything=False):
        """Withdraw consent to the topic, or to everything; twice is as once."""
        ledger = self.env["customer.consent"].with_company(ticket.company).sudo()
        topic = ticket.topic.browse() if everything else ticket.topic
        current = ledger._current(ticket.person)
        for channel in ("email", "sms", "push"):
            if (
                current.get((ticket.person.id, channel, topic.id or None))
                == "withdrawn"
            ):
                continue
            ledger._record(
                ticket.person,
                channel,
                "withdrawn",
                topic,
                source="unsubscribe",
                evidence=evidence,
            )
        if everything and ticket.person.email_normalized:
            blacklist = self.env["mail.blacklist"].sudo()
            blacklist._add(ticket.person.email_normalized)
        if everything and ticket.person.phone_sanitized:
            self.env["phone.blacklist"].sudo()._add([ticket.person.phone_sanitized])

    @api.model
    def _resume(self, ticket, evidence):
        """Take back what the same page just did: the topic is welcome again."""
        ledger = self.env["customer.consent"].with_company(ticket.company).sudo()
        for channel in ("email", "sms", "push"):
            ledger._record(
                ticket.person,
                channel,
                "granted",
                ticket.topic,
                source="portal",
                evidence=evidence,
            )

    # --------------------------------------------------------------- double opt-in
    @api.model
    def _ask_to_confirm(self, person):
        """Send the message whose link confirms the consent to e-mail."""
        template = self.env.ref("customer_preference.mail_template_confirm_consent")
        template.sudo().send_mail(person.id)

    @api.model
    def _confirm(self, ticket):
        """Write down the confirmed consent to e-mail; twice is as once."""
        ledger = self.env["customer.consent"].with_company(ticket.company).sudo()
        current = ledger._current(ticket.person)
        if current.get((ticket.person.id, "email", None)) == "granted":
            return
        ledger._record(
            ticket.person,
            "email",
            "granted",
            source="signup",
            occurred_at=fields.Datetime.now(),
            evidence=self.env._("Confirmed by the link of an e-mail"),
        )
