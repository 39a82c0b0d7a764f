from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, new_test_user
from odoo.tools import SQL

from odoo.addons.customer_preference.tests.common import NOON
from odoo.addons.journey_engine.tests.quiet_shop import QuietShopCommon


class OnboardingCommon(QuietShopCommon):
    """A shop with a clock that the tests set, and journeys of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journeys = cls.env["onboarding.journey"]
        cls.runs = cls.env["customer.onboarding"]
        cls.rows = cls.env["onboarding.step.completion"]
        cls.onboarding = cls.env["onboarding.service"]
        cls.template = cls.env.ref("onboarding_journey.mail_template_step")
        cls.content = cls.env["onboarding.content"].create(
            {"title": "How it works", "body": "<p>Easily.</p>"}
        )

    @classmethod
    def _mail(cls, code="hello", hours=0, **values):
        template = cls.template.id
        step = {"id": code, "type": "email", "delay_hours": hours}
        return {**step, "template_id": template, **values}

    @classmethod
    def _milestone(cls, code="first", target="order_count >= 1", **values):
        return {"id": code, "type": "milestone", "target": target, **values}

    @classmethod
    def _task(cls, code="tick", **values):
        return {"id": code, "type": "task", **values}

    @classmethod
    def _tutorial(cls, code="learn", **values):
        content = cls.content.id
        return {"id": code, "type": "content", "content_id": content, **values}

    @classmethod
    def _journey(cls, *steps, start=True, **values):
        number = next(cls.numbers)
        journey = cls.journeys.create(
            {
                "name": f"Journey {number}",
                "code": f"journey_{number}",
                "company_id": cls.shop.id,
                "exclusive_group": False,
                "steps": list(steps),
                **values,
            }
        )
        return cls._started(journey, start)

    @classmethod
    def _enrol(cls, journey, *people, hours=0):
        cls.env.flush_all()
        ids = [person.id for person in people]
        moment = NOON + timedelta(hours=hours)
        found = journey._enrol(SQL("l.customer_id = ANY(%s)", ids), moment)
        return cls.runs.browse(found)

    @classmethod
    def _buys(cls, person, hours=1, amount=10.0):
        moment = NOON + timedelta(hours=hours)
        with freeze_time(moment):
            order = cls._order(person, moment, amount, cls.shop)
            cls._dispatch()
        return order

    @classmethod
    def _process(cls, hours=0):
        moment = NOON + timedelta(hours=hours)
        with freeze_time(moment):
            return cls.scheduler.process_due(moment)

    @classmethod
    def _at(cls, hours):
        return freeze_time(NOON + timedelta(hours=hours))

    @classmethod
    def _states(cls, run):
        run.invalidate_recordset()
        return {row.step_id: row.status for row in run.completion_ids}

    @classmethod
    def _user(cls, login, groups, **values):
        return new_test_user(
            cls.env,
            login,
            groups,
            company_id=cls.shop.id,
            company_ids=[Command.set(cls.shop.ids)],
            **values,
        )

    @classmethod
    def _portal_user(cls, login, **values):
        user = cls._user(login, "base.group_portal", **values)
        cls.lifecycle.sudo()._ensure(user.partner_id, cls.shop, NOON)
        cls._dispatch()
        return user
