from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from odoo.addons.customer_preference.tests.common import NOON
from odoo.addons.journey_engine.tests.quiet_shop import QuietShopCommon

DAY = timedelta(days=1)


class WinbackCommon(QuietShopCommon):
    """A shop with a clock that the tests set, whose customers left long ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaigns = cls.env["winback.campaign"]
        cls.campaigns.search([]).action_archive()
        cls.attempts = cls.env["winback.attempt"]
        cls.service = cls.env["winback.service"]
        cls.template = cls._template()

    @classmethod
    def _values(cls, hours=(0, 168, 336), **values):
        number = next(cls.numbers)
        return {
            "name": f"Win-back {number}",
            "code": f"winback_{number}",
            "company_id": cls.shop.id,
            "holdout_percent": 0,
            "email_sequence": [
                {"step": i, "delay_hours": h, "template_id": cls.template.id}
                for i, h in enumerate(hours, 1)
            ],
            **values,
        }

    @classmethod
    def _campaign(cls, start=True, hours=(0, 168, 336), **values):
        campaign = cls.campaigns.create(cls._values(hours, **values))
        return cls._started(campaign, start)

    @classmethod
    def _lapsed(cls, days=60, amount=10.0, orders=1, settle=True, **values):
        """Somebody who agreed to everything and ordered last so many days ago."""
        person = cls._person(**values)
        for number in range(orders):
            moment = NOON - (days + 10 * number) * DAY
            with freeze_time(moment):
                cls._order(person, moment, amount, cls.shop)
        if settle:
            cls._count_facts()
        return person

    @classmethod
    def _count_facts(cls, now=NOON):
        with freeze_time(now):
            cls._settle(now)

    @classmethod
    def _buys(cls, person, at, amount=10.0):
        with freeze_time(at):
            return cls._order(person, at, amount, cls.shop)

    @classmethod
    def _hand_out(cls, at=NOON):
        with freeze_time(at):
            cls._dispatch()

    @classmethod
    def _target(cls, campaign, at=NOON):
        with freeze_time(at):
            return campaign._enter_daily(at)

    @classmethod
    def _process(cls, at=NOON):
        with freeze_time(at):
            return cls.scheduler.process_due(at)

    @classmethod
    def _walk(cls, first=0, last=40):
        """Let the scheduler work once a day."""
        for day in range(first, last + 1):
            cls._process(NOON + day * DAY + timedelta(minutes=1))

    @classmethod
    def _of(cls, campaign, *people):
        domain = [("campaign_id", "=", campaign.id)]
        if people:
            domain.append(("customer_id", "in", [p.id for p in people]))
        cls.env.invalidate_all()
        return cls.attempts.search(domain, order="id")

    @classmethod
    def _log(cls, attempts):
        found = cls.env["journey.delivery"].search(
            [("run_model", "=", "winback.attempt"), ("run_id", "in", attempts.ids)],
            order="id",
        )
        return [(d.step_code, d.state, d.reason) for d in found]

    @classmethod
    def _kept_out(cls, campaign, at=NOON):
        """{reason: customers that it keeps out}."""
        with freeze_time(at):
            found = cls.service.identify_candidates(campaign.id)
        return {row["reason"]: row["count"] for row in found["filters"] if row["count"]}

    @classmethod
    def _read(cls, record, name):
        """What an integrator reads."""
        return record.read([name])[0][name]

    @classmethod
    def _redeem(cls, person, code, at, amount=100.0):
        """An order with a code."""
        with freeze_time(at):
            order = cls._create_order(person, at, amount, company=cls.shop)
            for coupon, reward in order._try_apply_code(code).items():
                order._apply_program_reward(reward, coupon)
            order.action_confirm()
            order.date_order = at
            cls.env.flush_all()
        return order

    @classmethod
    def _user(cls, role, company=None):
        company = company or cls.shop
        return new_test_user(
            cls.env,
            f"{role}{next(cls.numbers)}",
            ROLES[role],
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )


ROLES = {
    "portal": "base.group_portal",
    "clerk": "base.group_user",
    "salesperson": "sales_team.group_sale_salesman",
    "marketer": "customer_lifecycle.group_lifecycle_user",
    "manager": "customer_lifecycle.group_lifecycle_manager",
}
