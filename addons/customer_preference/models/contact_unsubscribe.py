from datetime import timedelta
from itertools import product
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools.misc import hash_sign, verify_hash_signed

from ..const import CHANNEL_KEYS

UNSUBSCRIBE = "customer_preference.unsubscribe"
CONFIRM = "customer_preference.confirm"
# Who asks again sooner has the message already.
ASKING_PAUSE = timedelta(minutes=10)
# A mail is read months after it came, and must still be answered then.
VALID_HOURS = {UNSUBSCRIBE: 24 * 400, CONFIRM: 24 * 7}


class Ticket(NamedTuple):
    """Whom a token speaks for, and about what."""

    person: object
    topic: object
    company: object
    asked_at: str | None = None


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
        if scope == CONFIRM:
            # The yes is to this address, and given after the question.
            values["address"] = self._address_hash(person)
            values["asked_at"] = fields.Datetime.to_string(fields.Datetime.now())
        hours = VALID_HOURS[scope]
        return hash_sign(self.sudo().env, scope, values, expiration_hours=hours)

    @api.model
    def _address_hash(self, person):
        hashed = self.env["contact.log"].sudo()._hash("email", person.email_normalized)
        return hashed or False

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
        person = env["contact.merged"]._follow(values["person"])
        company = env["res.company"].browse(values["company"]).exists()
        topic = env["contact.topic"].browse(values["topic"] or []).exists()
        if not person or not company or len(topic) != bool(values["topic"]):
            return None
        if scope == CONFIRM and values["address"] != self._address_hash(person):
            return None
        return Ticket(person, topic, company, values.get("asked_at"))

    @api.model
    def _stop(self, ticket, evidence, everything=False):
        """Withdraw consent to the topic, or to everything; twice is as once.

        Everything is every topic, too, so that service messages stop as well.
        """
        topics = [ticket.topic]
        if everything:
            every = ticket.topic.with_context(active_test=False)
            topics = [ticket.topic.browse(), *every.search([("id", ">", 0)])]
            self._blacklist(ticket.person)
        # Who never was asked is stopped, too.
        values = {"source": "unsubscribe", "evidence": evidence}
        self._turn(ticket, topics, ("granted", None), "withdrawn", **values)

    @api.model
    def _turn(self, ticket, topics, former, status, **values):
        """Write ``status`` on all channels where the word so far is in ``former``."""
        ledger = self.env["customer.consent"].with_company(ticket.company).sudo()
        current = ledger._current(ticket.person)
        for channel, topic in product(CHANNEL_KEYS, topics):
            if current.get((ticket.person.id, channel, topic.id or None)) in former:
                ledger._record(ticket.person, channel, status, topic, **values)

    @api.model
    def _blacklist(self, person):
        if person.email_normalized:
            self.env["mail.blacklist"].sudo()._add(person.email_normalized)
        if person.phone_sanitized:
            self.env["phone.blacklist"].sudo()._add([person.phone_sanitized])

    @api.model
    def _resume(self, ticket, evidence):
        """Welcome the topic again where it was stopped; no channel is opened by it."""
        topics = [ticket.topic] if ticket.topic else []
        values = {"source": "portal", "evidence": evidence}
        self._turn(ticket, topics, ("withdrawn",), "granted", **values)

    # --------------------------------------------------------------- double opt-in
    @api.model
    def _ask_to_confirm(self, person):
        """Send the message whose link confirms the consent to e-mail.

        Who asks again at once has it already: nobody fills a mailbox by it.
        """
        now = fields.Datetime.now()
        company = self.env.company
        asked_at = person.sudo().consent_asked_at
        is_fresh = asked_at and asked_at > now - ASKING_PAUSE
        if is_fresh and not self._said_since(person, company, asked_at):
            return
        person.sudo().consent_asked_at = now
        template = self.env.ref("customer_preference.mail_template_confirm_consent")
        template.sudo().send_mail(person.id)

    @api.model
    def _said_since(self, person, company, moment):
        """Return whether somebody said a word on e-mail later: a link is void then."""
        return (
            self.env["customer.consent"]
            .sudo()
            .search_count(
                [
                    ("customer_id", "=", person.id),
                    ("company_id", "=", company.id),
                    ("channel", "=", "email"),
                    ("topic_id", "=", False),
                    ("occurred_at", ">", moment),
                ],
                limit=1,
            )
        )

    @api.model
    def _confirm(self, ticket):
        """Write down the confirmed consent to e-mail; twice is as once.

        :return: False if the person said something else since being asked
        """
        ledger = self.env["customer.consent"].with_company(ticket.company).sudo()
        current = ledger._current(ticket.person)
        if current.get((ticket.person.id, "email", None)) == "granted":
            return True
        if self._said_since(ticket.person, ticket.company, ticket.asked_at):
            return False
        self.env["mail.blacklist"].sudo()._remove(ticket.person.email_normalized)
        ledger._record(
            ticket.person,
            "email",
            "granted",
            source="signup",
            occurred_at=fields.Datetime.now(),
            evidence=self.env._("Confirmed by the link of an e-mail"),
        )
        return True
