import logging
import re
from dataclasses import replace

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import OWN_SOURCES
from ..tools.decision import Person, Word
from .customer_preference import QUIET_KEY

_logger = logging.getLogger(__name__)

# Standard keeps what it cannot read as it stands.
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Where the normalised address of a channel stands.
ADDRESSES = {"email": "email_normalized", "sms": "phone_sanitized"}
# Where addresses stand that are not to be written to: table and column.
BLACKLISTS = {
    "email": ("mail_blacklist", "email"),
    "sms": ("phone_blacklist", "number"),
}
# Who is a customer, and agrees to e-mail by being one where the company says so.
BUYS = SQL("l.total_orders > 0")


class ContactPolicyFacts(models.AbstractModel):
    """What a decision depends on, read for a whole batch."""

    _name = "contact.policy.facts"
    _description = "Facts of the Contact Policy"

    @api.model
    def _people(self, ids, now):
        """Return {partner id: Person} of those that exist."""
        rows = self._execute_dicts(self._people_query(ids))
        company_quiet = self.env.company.sudo()._quiet_hours(now)
        people = {row["id"]: self._person(row, company_quiet) for row in rows}
        self._hear_words(people, rows)
        return people

    def _execute_dicts(self, query):
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    def _people_query(self, ids):
        return SQL(
            """
            SELECT p.id, p.active, p.commercial_partner_id, p.email,
                   p.email_normalized, p.phone, p.phone_sanitized,
                   coalesce(p.tz, cp.tz) AS tz,
                   EXISTS (SELECT FROM mail_blacklist b
                            WHERE b.active AND b.email = p.email_normalized
                   ) AS email_blacklisted,
                   EXISTS (SELECT FROM phone_blacklist b
                            WHERE b.active AND b.number = p.phone_sanitized
                   ) AS sms_blacklisted,
                   EXISTS (SELECT FROM mail_push_device d WHERE d.partner_id = p.id
                   ) AS has_push,
                   (SELECT f.preference_value FROM customer_preference f
                     WHERE f.customer_id = p.id
                       AND f.preference_type = 'communication'
                       AND f.preference_key = %(quiet)s) AS quiet
              FROM res_partner p
              LEFT JOIN res_partner cp ON cp.id = p.commercial_partner_id
             WHERE p.id = ANY(%(ids)s)
            """,
            quiet=QUIET_KEY,
            ids=ids,
        )

    def _person(self, row, company_quiet):
        push = f"push:{row['id']}" if row["has_push"] else None
        log = self.env["contact.log"]
        address = {
            "email": row["email_normalized"],
            "sms": E164.fullmatch(row["phone_sanitized"] or "")
            and row["phone_sanitized"],
            "push": push,
        }
        return Person(
            active=row["active"],
            customer=row["commercial_partner_id"],
            has_address={"email": row["email"], "sms": row["phone"], "push": push},
            address=address,
            address_hash={c: log._hash(c, a) for c, a in address.items() if a},
            blacklisted={c for c in ADDRESSES if row[f"{c}_blacklisted"]},
            quiet=self._quiet_of(row, company_quiet),
        )

    def _quiet_of(self, row, company_quiet):
        """The person's own quiet hours, else the company's; the person's own zone."""
        zone = row["tz"] or company_quiet.zone
        if row["quiet"]:
            try:
                return self.env["customer.preference"]._parse_quiet_hours(
                    row["quiet"], zone, company_quiet.closed
                )
            except ValidationError as error:
                _logger.warning("Contact %s: %s", row["id"], error)
        return replace(company_quiet, zone=zone)

    # --------------------------------------------------------------------- consent
    def _hear_words(self, people, rows):
        """Tell people what they, and who shares their address, said last."""
        sharers = self._sharers(rows)
        heard = sorted({*people, *(one for one, _channel in sharers)})
        newest = self.env["customer.consent"]._newest_query(
            SQL("c.customer_id = ANY(%s)", heard)
        )
        lifted, refused = {}, {}
        for (
            person,
            channel,
            topic,
            status,
            when,
            number,
            source,
        ) in self.env.execute_query(newest):
            word = Word((when, number), status == "granted")
            if person in people:
                people[person].hear(channel, topic, word)
                if word.granted and topic is None and source in OWN_SOURCES:
                    lifted[person, channel] = when
            if not word.granted and (person, channel) in sharers:
                words = refused.setdefault((channel, sharers[person, channel]), {})
                known = words.get(topic)
                words[topic] = max(known, word, key=_when) if known else word
        self._pass_on(people, refused)
        self._mark_erased(people, lifted)

    def _pass_on(self, people, refused):
        """A no holds for everybody with the address; a yes is one's own."""
        for person in people.values() if refused else ():
            for channel, address in person.address.items():
                for topic, word in refused.get((channel, address), {}).items():
                    person.hear(channel, topic, word)

    def _sharers(self, rows):
        """Return {(partner id, channel): address} of all with these addresses."""
        return {
            (number, channel): address
            for channel, name in ADDRESSES.items()
            for number, address in self.env.execute_query(
                SQL(
                    "SELECT id, %(name)s FROM res_partner"
                    " WHERE %(name)s = ANY(%(all)s)",
                    name=SQL.identifier(name),
                    all=sorted({row[name] for row in rows if row[name]}),
                )
            )
        }

    def _mark_erased(self, people, lifted):
        """An erased address is left alone until its owner agrees anew."""
        hashes = sorted({h for p in people.values() for h in p.address_hash.values()})
        erased = dict(
            self.env.execute_query(
                SQL(
                    "SELECT address_hash, erased_at FROM contact_suppression"
                    " WHERE address_hash = ANY(%s)",
                    hashes,
                )
            )
        )
        for number, person in people.items() if erased else ():
            for channel, hashed in person.address_hash.items():
                when = erased.get(hashed)
                agreed = lifted.get((number, channel))
                if when and not (agreed and agreed > when):
                    person.erased.add(channel)

    # ------------------------------------------------------- many persons at a time
    @api.model
    def _refusers_query(self, channel, topic):
        """Select the persons who said no to marketing on a channel: to all of it, to
        its topic, or by the blacklist.

        Of what ``decide`` looks at these are the words of their own, as sets that are
        made once however many customers are asked about. Who shares an address, caps
        and hours are for ``decide`` itself.

        :param str channel: email, sms or push
        :param topic: ``contact.topic`` or none
        """
        query = self.env["customer.consent"]._objectors_query(channel, topic)
        if channel not in BLACKLISTS:
            return query
        return SQL(
            "%s UNION ALL SELECT p.id FROM res_partner p JOIN %s b"
            " ON b.active AND b.%s = p.%s",
            query,
            *map(SQL.identifier, BLACKLISTS[channel]),
            SQL.identifier(ADDRESSES[channel]),
        )

    @api.model
    def _welcome_sql(self, person, channel, topic):
        """Condition on ``l`` (customer_lifecycle): a person agrees to marketing on a
        channel, or is taken to, and did not say no.

        :param SQL person: id of the addressee, an expression on ``l``
        :param str channel: email, sms or push
        :param topic: ``contact.topic`` or none
        """
        agreeing = self.env["customer.consent"]._agreeing_query(channel)
        agrees = SQL("%s IN (%s)", person, agreeing)
        absence = self.env.company.sudo().email_consent_default
        if channel == "email" and absence != "opt_in":
            presumed = SQL("TRUE") if absence == "opt_out" else BUYS
            agrees = SQL("(%s OR %s)", presumed, agrees)
        refusers = self._refusers_query(channel, topic)
        return SQL("(%s AND %s NOT IN (%s))", agrees, person, refusers)

    # ------------------------------------------------------------- other questions
    def _buyers_query(self, customer_ids):
        """Select the customers who ordered."""
        return SQL(
            "SELECT l.customer_id FROM customer_lifecycle l"
            " WHERE l.company_id = %s AND l.customer_id = ANY(%s) AND %s",
            self.env.company.id,
            customer_ids,
            BUYS,
        )

    def _sent_query(self, customer_ids, hashes, since):
        """Select what counts for caps; each row once, by customer or by address."""
        return SQL(
            """
            SELECT customer_id, address_hash, channel, category, sent_at
              FROM contact_log
             WHERE company_id = %(company)s AND sent_at > %(since)s
               AND (customer_id = ANY(%(customers)s) OR address_hash = ANY(%(hashes)s))
            """,
            company=self.env.company.id,
            since=since,
            customers=customer_ids,
            hashes=hashes,
        )

    def _sent_keys(self, keys):
        """Return which of these messages were sent already."""
        if not keys:
            return set()
        return {
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT message_key FROM contact_log"
                    " WHERE company_id = %s AND message_key = ANY(%s)",
                    self.env.company.id,
                    keys,
                )
            )
        }


def _when(word):
    return word.when
