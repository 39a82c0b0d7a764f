from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..const import (
    CHANNEL_KEYS,
    OWN_SOURCES,
    SOURCE_KEYS,
    STATUS_KEYS,
)
from ..tools.decision import Request

MARKETER = "customer_lifecycle.group_lifecycle_user"


class CustomerPreferenceService(models.AbstractModel):
    """The external API of preferences and consent.

    Every public method is callable by XML-RPC and JSON-2: plain arguments, JSON-ready
    results. Marketers may ask about everybody, anybody else about themselves.
    """

    _name = "customer.preference.service"
    _description = "Preferences and Consent"

    # ---------------------------------------------------------------------- access
    @api.model
    def _person(self, customer_id):
        """Return the partner with that id, if the user may act for that person.

        :raises ValidationError: for marketers: the id is unknown or no integer
        :raises AccessError: for anybody else: it is not the user's own
        """
        user = self.env.user
        if not self.env.su and not user.has_group(MARKETER):
            is_own = type(customer_id) is int and customer_id == user.partner_id.id
            if not is_own or user._is_public():
                # The same words whether the customer exists or not.
                raise AccessError(
                    self.env._("You can see and change only your own preferences.")
                )
            return user.partner_id.sudo()
        engine = self.env["lifecycle.engine"]
        engine._check_customers("customer_id", [customer_id])
        return self.env["res.partner"].browse(customer_id).sudo()

    @api.model
    def _check(self, name, value, allowed):
        return self.env["contact.policy"]._check_choice(name, value, allowed)

    # ----------------------------------------------------------------- preferences
    @api.model
    def get_preferences(self, customer_id, preference_type=None):
        """Return what a person likes.

        :param int customer_id: id of a partner
        :param str preference_type: communication, shopping, payment, delivery or
            marketing; all of them by default
        :return: {type: {key: value}}
        :raises ValidationError: unknown customer or type
        :raises AccessError: somebody else's preferences
        """
        person = self._person(customer_id)
        preferences = self.env["customer.preference"]
        if preference_type is not None and preference_type is not False:
            preferences._check_type(preference_type)
        return preferences._get(person, preference_type)

    @api.model
    def set_preference(
        self, customer_id, preference_type, preference_key, preference_value
    ):
        """Write one preference; an earlier value of the same key is replaced.

        :param preference_value: any JSON value; of communication/quiet_hours
            ``{"start": "21:00", "end": "09:00", "days": ["friday"]}``
        :return: True
        :raises ValidationError: unknown customer or type, or no JSON
        :raises AccessError: somebody else's preferences
        """
        person = self._person(customer_id)
        preferences = self.env["customer.preference"]
        kind = preferences._check_type(preference_type)
        key = preferences._check_key(preference_key)
        preferences._put(person, {kind: {key: preference_value}})
        return True

    @api.model
    def bulk_update(self, customer_id, preferences):
        """Write several preferences, all or nothing.

        :param dict preferences: {type: {key: value}}
        :return: number of preferences written
        :raises ValidationError: unknown customer, a type, key or value is wrong
        :raises AccessError: somebody else's preferences
        """
        person = self._person(customer_id)
        return self.env["customer.preference"]._put(person, preferences)

    @api.model
    def delete_preference(self, customer_id, preference_type, preference_key):
        """Delete one preference.

        :return: True if there was one
        :raises ValidationError: unknown customer or type
        :raises AccessError: somebody else's preferences
        """
        person = self._person(customer_id)
        preferences = self.env["customer.preference"]
        preferences._check_type(preference_type)
        key = preferences._check_key(preference_key)
        return bool(preferences._drop(person, preference_type, key))

    @api.model
    def delete_all(self, customer_id):
        """Delete all preferences of a person; consent stays in the ledger.

        :return: number of preferences deleted
        :raises ValidationError: unknown customer
        :raises AccessError: somebody else's preferences
        """
        return self.env["customer.preference"]._drop(self._person(customer_id))

    # --------------------------------------------------------------------- consent
    @api.model
    def record_consent(
        self, customer_id, channel, status, topic=None, source="api", evidence=None
    ):
        """Write down that a person agreed or took it back.

        :param str channel: email, sms or push
        :param str status: granted or withdrawn
        :param str topic: code of a topic; the channel as a whole by default
        :param str source: portal, signup, import, staff, unsubscribe, reply or api;
            who is no marketer speaks from the portal
        :param str evidence: how it can be proved
        :return: id of the row of the ledger; False when the company has e-mail
            consent confirmed: the person was sent the link that does it
        :raises ValidationError: unknown customer, channel, status, topic or source
        :raises AccessError: somebody else's consent
        """
        person = self._person(customer_id)
        self._check("channel", channel, CHANNEL_KEYS)
        self._check("status", status, STATUS_KEYS)
        self._check("source", source, SOURCE_KEYS)
        self._check_evidence(evidence)
        if not self.env.su and not self.env.user.has_group(MARKETER):
            source = "portal"
        about = self.env["contact.topic"]._by_code(topic)
        is_yes = (channel, status, bool(about)) == ("email", "granted", False)
        if is_yes and source in OWN_SOURCES and self._asks_twice(person):
            self.env["contact.unsubscribe"].sudo()._ask_to_confirm(person)
            return False
        ledger = self.env["customer.consent"]
        values = {"source": source, "evidence": evidence}
        return ledger._record(person, channel, status, about, **values).id

    @api.model
    def _asks_twice(self, person):
        """A blacklisted address is lifted by who reads its mail, by nobody else."""
        blacklist = self.env["mail.blacklist"].sudo()
        return self.env.company.sudo().email_double_opt_in or bool(
            person.email_normalized
            and blacklist.search_count([("email", "=", person.email_normalized)])
        )

    @api.model
    def _check_evidence(self, value):
        if value is None or value is False:
            return
        is_text = isinstance(value, str) and value.replace("\n", "").isprintable()
        if not is_text or len(value) > 1000:
            raise ValidationError(
                self.env._("evidence: must be printable text, at most 1000 characters.")
            )

    @api.model
    def get_consent(self, customer_id):
        """Return what a person agreed to, for the company of the call.

        :return: {"channels": {channel: status}, "topics": {code: {channel: status}}};
            the status is granted, withdrawn or False (never asked)
        :raises ValidationError: unknown customer
        :raises AccessError: somebody else's consent
        """
        person = self._person(customer_id)
        current = self.env["customer.consent"].sudo()._current(person)
        topics = self.env["contact.topic"].sudo().search([("active", "=", True)])
        return {
            "channels": {
                channel: current.get((person.id, channel, None), False)
                for channel in CHANNEL_KEYS
            },
            "topics": {
                topic.code: {
                    channel: current.get((person.id, channel, topic.id), False)
                    for channel in CHANNEL_KEYS
                }
                for topic in topics
            },
        }

    # -------------------------------------------------------------------- decision
    @api.model
    def is_quiet_hours_active(self, customer_id, at=None):
        """Return whether a person is not to be disturbed at a moment.

        :param at: UTC datetime or ISO text; the current time by default
        :raises ValidationError: unknown customer, ``at`` is no moment
        :raises AccessError: somebody else
        """
        person = self._person(customer_id)
        moment = self.env["lifecycle.engine"]._clock(at).now
        return self.env["contact.policy"].sudo()._is_quiet(person, moment)

    @api.model
    def can_contact(self, customer_id, channel, category="marketing"):
        """Return whether a message may go to a person now.

        :param str channel: email, sms or push
        :param str category: transactional, service or marketing
        :return: dict of ``decision`` (send, hold, skip), ``reason`` (code or False)
            and ``until`` (when to ask again, UTC ISO text, or False)
        :raises ValidationError: unknown customer, channel or category
        :raises AccessError: somebody else
        """
        person = self._person(customer_id)
        request = Request(person.commercial_partner_id.id, person.id, channel, category)
        policy = self.env["contact.policy"].sudo()
        (found,) = policy.decide([request], fields.Datetime.now())
        return {
            "decision": found.decision,
            "reason": found.reason or False,
            "until": found.until.isoformat() if found.until else False,
        }
