from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import CATEGORY_KEYS, CHANNEL_KEYS
from ..tools.caps import Ledger
from ..tools.decision import Request, Situation, decide_all, objection, refusal


class ContactPolicy(models.AbstractModel):
    """May this message go to this person now? Asked by the batch."""

    _name = "contact.policy"
    _description = "Contact Policy"
    _inherit = ["contact.policy.facts"]

    @api.private
    @api.model
    def decide(self, requests, now):
        """Decide on a batch of messages of the current company.

        A constant number of queries however long the batch. Writes nothing: who
        sends writes ``contact.log``, in the same transaction.

        :param list requests: tuples (customer_id, addressee_id, channel, category,
            topic, priority, key) as ``tools.decision.Request``; an eighth element
            tells since when (naive UTC) the message waits, for its expiry
        :param datetime now: naive UTC
        :return: list of ``tools.decision.Decision`` in the order of the requests:
            ``decision`` is send, hold (until) or skip, ``reason`` the code
        :raises ValidationError: a channel or category is unknown
        """
        requests = [Request(*request) for request in requests]
        if not requests:
            return []
        self._check_requests(requests)
        return decide_all(requests, self._situation(requests, now))

    def _check_requests(self, requests):
        for request in requests:
            self._check_choice("channel", request.channel, CHANNEL_KEYS)
            self._check_choice("category", request.category, CATEGORY_KEYS)

    @api.model
    def _check_choice(self, name, value, allowed):
        """Return ``value`` if it is one of ``allowed``.

        :raises ValidationError: naming the argument and what is allowed
        """
        if value not in allowed:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is unknown; allowed are %(allowed)s.",
                    name=name,
                    value=repr(value)[:100],
                    allowed=", ".join(allowed),
                )
            )
        return value

    def _situation(self, requests, now):
        """Read all that the decisions depend on."""
        self.env.flush_all()
        customers = sorted({request.customer_id for request in requests})
        people = self._people(sorted({r.addressee_id for r in requests}), now)
        protected = {person.customer for person in people.values()}
        return Situation(
            now=now,
            hold_for=timedelta(hours=self.env.company.sudo().contact_hold_hours),
            people=people,
            presumed=self._presumed(customers),
            suppressed=self._suppressions(customers, now),
            sent_keys=self._sent_keys([r.key for r in requests if r.key]),
            ledger=self._ledger(sorted(protected.union(customers)), people, now),
        )

    @api.model
    def _suppressions(self, customer_ids, now):
        """Return what pauses marketing; an addon adds its own reasons.

        :param list customer_ids: ids of customers
        :param datetime now: naive UTC
        :return: {customer id: [(why, until)]}: a code for the reason (it shows as
            ``suppressed:<why>``), and when it ends (naive UTC), None for no end
        """
        return {}

    def _presumed(self, customer_ids):
        """Return {channel: ids of customers who agree until they object}."""
        absence = self.env.company.sudo().email_consent_default
        if absence == "opt_out":
            return {"email": set(customer_ids)}
        if absence == "opt_in":
            return {}
        rows = self.env.execute_query(self._buyers_query(customer_ids))
        return {"email": {row[0] for row in rows}}

    def _ledger(self, customer_ids, people, now):
        """Return what was sent to these customers and addresses, as a Ledger."""
        ledger = Ledger(self.env["contact.frequency.cap"]._caps())
        if not ledger.caps:
            return ledger
        hashes = {h for person in people.values() for h in person.address_hash.values()}
        since = now - timedelta(days=ledger.days)
        customers = set(customer_ids)
        for customer, hashed, channel, category, moment in self.env.execute_query(
            self._sent_query(customer_ids, sorted(hashes), since)
        ):
            keys = [customer] if customer in customers else []
            keys += [hashed] if hashed in hashes else []
            ledger.add(keys, channel, category, moment)
        return ledger

    @api.model
    def _is_quiet(self, person, at=None):
        """Return whether it is quiet for a ``res.partner`` at a naive UTC moment."""
        at = at or fields.Datetime.now()
        self.env.flush_all()
        return self._people(person.ids, at)[person.id].quiet.is_quiet(at)

    @api.model
    def _refusals(self, requests, now):
        """Return per request the Decision that forbids it whatever the hour, or None.

        :param list requests: as for ``decide``
        :param datetime now: naive UTC
        """
        return self._weigh(refusal, requests, now)

    @api.model
    def _objections(self, requests, now):
        """Return per request why a message that was decided on must not leave now, or
        None: what came up since then, and quiet hours. Caps have counted it already.

        :param list requests: as for ``decide``
        :param datetime now: naive UTC
        """
        return self._weigh(objection, requests, now)

    def _weigh(self, judge, requests, now):
        if not requests:
            return []
        requests = [Request(*request) for request in requests]
        facts = self._situation(requests, now)
        return [judge(request, facts) for request in requests]
