from datetime import timedelta
from unittest import SkipTest

from odoo import Command
from odoo.tools import SQL

from odoo.addons.customer_preference.tests.common import NOON, PreferenceCommon

BODY = """<p>Dear <t t-out="object.name">you</t>,
<a href="https://shop.example.com/milk">fresh milk</a></p>"""


class JourneyCommon(PreferenceCommon):
    """A shop with a journey of two e-mails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "test.journey" not in cls.env:
            raise SkipTest("needs the addon test_journey_engine")
        cls.scheduler = cls.env["journey.scheduler"]
        cls.deliveries = cls.env["journey.delivery"]
        cls.runs = cls.env["test.journey.run"]
        cls.shop.email = "shop@example.com"
        cls.template = cls._template()

    @classmethod
    def _template(cls, body=BODY, **values):
        return cls.env["mail.template"].create(
            {
                "name": "Milk",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "Milk for {{ object.name }}",
                "body_html": body,
                **values,
            }
        )

    @classmethod
    def _step(cls, hours=0, **values):
        number = next(cls.numbers)
        return {
            "sequence": number,
            "name": f"Step {number}",
            "delay_hours": hours,
            "template_id": cls.template.id,
            **values,
        }

    @classmethod
    def _journey(cls, *steps, start=True, **values):
        number = next(cls.numbers)
        steps = steps or (cls._step(), cls._step(48))
        journey = cls.env["test.journey"].create(
            {
                "name": f"Journey {number}",
                "code": f"journey_{number}",
                "company_id": cls.shop.id,
                "step_ids": [Command.create(step) for step in steps],
                **values,
            }
        )
        if start:
            journey.action_start()
        return journey

    @classmethod
    def _member(cls, **values):
        """A customer with a row who agreed to everything."""
        person = cls._person(**values)
        cls.lifecycle.sudo()._ensure(person, cls.shop, NOON)
        return person

    @classmethod
    def _enrol(cls, journey, *customers, now=NOON):
        cls.env.flush_all()
        ids = [customer.id for customer in customers]
        found = journey._enrol(SQL("l.customer_id = ANY(%s)", ids), now)
        return cls.runs.browse(found)

    @classmethod
    def _process(cls, hours=0, limit=None):
        return cls.scheduler.process_due(NOON + timedelta(hours=hours), limit)

    @classmethod
    def _log(cls, runs):
        """(step code, state, reason) of the runs' deliveries, in their order."""
        found = cls.deliveries.search([("run_id", "in", runs.ids)], order="id")
        return [(d.step_code, d.state, d.reason) for d in found]

    @classmethod
    def _states(cls, runs):
        return [(state, reason) for _code, state, reason in cls._log(runs)]
