from datetime import datetime

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.customer_lifecycle.tests.common import LifecycleCommon

# A Wednesday at noon in UTC, far from any quiet hour.
NOON = datetime(2040, 6, 13, 12)


class PreferenceCommon(LifecycleCommon):
    """A shop of its own whose customers nobody has ever written to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_company()
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.shop.ids}
        )
        cls.policy = cls.env["contact.policy"]
        cls.ledger = cls.env["customer.consent"]
        cls.log = cls.env["contact.log"]
        cls.service = cls.env["customer.preference.service"]
        cls.offers = cls.env.ref("customer_preference.topic_offers")
        cls.news = cls.env.ref("customer_preference.topic_newsletter")

    @classmethod
    def _create_mailing(cls, **values):
        """A mailing of somebody of the shop."""
        sender = new_test_user(
            cls.env,
            f"sender{next(cls.numbers)}",
            "mass_mailing.group_mass_mailing_user",
            company_id=cls.shop.id,
            company_ids=[Command.set(cls.shop.ids)],
        )
        model = cls.env["ir.model"]._get_id("res.partner")
        values = {"subject": "News", "user_id": sender.id, **values}
        return cls.env["mailing.mailing"].create({"mailing_model_id": model, **values})

    @classmethod
    def _person(cls, agreed=True, **values):
        number = next(cls.numbers)
        values = {
            "email": f"person{number}@example.com",
            "phone": f"+8801711{number:06}",
            **values,
        }
        person = cls._create_customer(**values)
        if agreed:
            cls._say(person, "granted", channel=None)
        return person

    @classmethod
    def _say(cls, person, status, channel="email", topic=None, **values):
        values = {"source": "staff", "occurred_at": datetime(2040, 1, 1), **values}
        return cls.ledger._record(person, channel, status, topic, **values)

    @classmethod
    def _request(cls, person, channel="email", category="marketing", **values):
        defaults = {"topic": None, "priority": 0, "key": None, "due_at": None}
        values = {**defaults, **values}
        customer = person.commercial_partner_id
        return (customer.id, person.id, channel, category, *values.values())

    def _decide(self, person, now=NOON, **values):
        (found,) = self.policy.decide([self._request(person, **values)], now)
        return found

    def _verdict(self, person, now=NOON, **values):
        found = self._decide(person, now, **values)
        return (found.decision, found.reason)

    @classmethod
    def _sent(cls, person, moment, channel="email", category="marketing", **values):
        address = person.email_normalized if channel == "email" else None
        cls.log._record(
            [
                {
                    "customer_id": person.commercial_partner_id.id,
                    "addressee_id": person.id,
                    "channel": channel,
                    "category": category,
                    "sent_at": moment,
                    "address": address,
                    **values,
                }
            ]
        )
