import math
import random
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.customer_preference.tests.common import NOON
from odoo.addons.journey_engine.tools.lift import Group, amount_lift, rate_lift, wilson

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestLift(JourneyCommon):
    def _group(self, amounts):
        return Group(
            size=len(amounts),
            conversions=sum(amount > 0 for amount in amounts),
            revenue=sum(amounts),
            revenue_squares=sum(a * a for a in amounts),
        )

    def test_intervals_are_those_of_the_literature(self):
        # Newcombe (1998), table II, example (a): 56/70 against 48/80, method 10.
        found = rate_lift(Group(70, 56), Group(80, 48))
        self.assertAlmostEqual(found.low, 0.0524, places=4)
        self.assertAlmostEqual(found.high, 0.3339, places=4)
        # Example (e): 9/10 against 3/10.
        found = rate_lift(Group(10, 9), Group(10, 3))
        self.assertAlmostEqual(found.low, 0.1705, places=4)
        self.assertAlmostEqual(found.high, 0.8090, places=4)
        low, high = wilson(0, 10, 1.959964)
        self.assertAlmostEqual(low, 0, places=9)
        self.assertAlmostEqual(high, 0.2775, places=4)

    def test_a_known_effect_is_found_and_none_is_not(self):
        dice = random.Random(7)
        control = [
            dice.gauss(100, 20) if dice.random() < 0.2 else 0 for _ in range(3000)
        ]
        same = [dice.gauss(100, 20) if dice.random() < 0.2 else 0 for _ in range(3000)]
        more = [dice.gauss(100, 20) if dice.random() < 0.3 else 0 for _ in range(3000)]
        theirs = self._group(control)
        for amounts, verdict in ((same, "too_small"), (more, "better")):
            ours = self._group(amounts)
            self.assertEqual(rate_lift(ours, theirs).verdict, verdict)
            self.assertEqual(amount_lift(ours, theirs, "revenue").verdict, verdict)
        found = rate_lift(self._group(more), theirs)
        self.assertTrue(found.low < 0.1 < found.high)
        self.assertEqual(rate_lift(theirs, self._group(more)).verdict, "worse")

    def test_nineteen_of_twenty_intervals_hold_the_truth(self):
        dice, held = random.Random(11), 0
        for _round in range(400):
            ours = Group(200, sum(dice.random() < 0.15 for _ in range(200)))
            theirs = Group(100, sum(dice.random() < 0.10 for _ in range(100)))
            found = rate_lift(ours, theirs)
            held += found.low <= 0.05 <= found.high
        self.assertGreaterEqual(held / 400, 0.93)

    # ----------------------------------------------------------------------- orders
    def _shops(self, runs):
        """Let the customers order at random; return {run: (converted, revenue)}."""
        dice, expected = random.Random(3), {}
        for run in runs:
            counted = []
            for days in dice.sample((-2, 1, 5, 10, 11, 20), dice.randint(0, 3)):
                amount = dice.randint(10, 99)
                moment = NOON + timedelta(days=days)
                order = self._order(run.customer_id, moment, amount, self.shop)
                if dice.random() < 0.2:
                    order._action_cancel()
                elif 0 <= days <= 10:
                    counted.append(amount)
            expected[run] = (bool(counted), sum(counted))
        return expected

    def test_the_report_agrees_with_a_plain_computation(self):
        journey = self._journey(self._step(), holdout_percent=30, attribution_days=10)
        runs = self._enrol(journey, *[self._member() for _each in range(24)])
        expected = self._shops(runs)
        found = journey.get_lift()
        control = runs.filtered("is_holdout")
        for side, mine in (("treated", runs - control), ("control", control)):
            values = [expected[run] for run in mine]
            self.assertTrue(values)
            self.assertEqual(found[side]["size"], len(values))
            self.assertEqual(found[side]["conversions"], sum(v[0] for v in values))
            self.assertAlmostEqual(found[side]["revenue"], sum(v[1] for v in values))
            self.assertAlmostEqual(
                found[side]["revenue_squares"], sum(v[1] ** 2 for v in values)
            )
        self.assertEqual(found["conversion_rate"]["verdict"], "too_small")
        mean = found["treated"]["revenue"] / found["treated"]["size"]
        self.assertTrue(math.isclose(found["revenue"]["treated"], mean))

    def test_an_order_in_two_passes_counts_once(self):
        journey = self._journey(self._step(), reentry="after_exit")
        person = self._member()
        first = self._enrol(journey, person)
        first.action_cancel()
        self._enrol(journey, person, now=NOON + timedelta(days=2))
        self._order(person, NOON + timedelta(days=3), 50, self.shop)
        treated = journey.get_lift()["treated"]
        self.assertEqual((treated["size"], treated["conversions"]), (2, 1))
        self.assertEqual(treated["revenue"], 50)

    def test_days_of_entry_are_the_company_s(self):
        moments = [datetime(2040, 6, 13, hour, 30) for hour in (0, 11, 12, 23)]
        for zone in ("UTC", "Pacific/Auckland", "America/Los_Angeles"):
            self.shop.partner_id.tz = zone
            journey = self._journey()
            for moment in moments:
                self._enrol(journey, self._member(), now=moment)
            days = Counter(
                moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone)).date()
                for moment in moments
            )
            for day in (date(2040, 6, 12) + timedelta(days=n) for n in range(3)):
                with self.subTest(zone=zone, day=str(day)):
                    for value in (day, day.isoformat()):
                        found = journey.get_lift(value, value)
                        self.assertEqual(found["treated"]["size"], days[day])

    def test_what_is_no_day_is_refused_by_name(self):
        journey = self._journey()
        for name in ("date_from", "date_to"):
            for value in ("13/06/2040", "2040-06-13T12:00:00", 5, ["2040-06-13"]):
                refused = self.assertRaisesRegex(ValidationError, f"^{name}: .*no date")
                with self.subTest(name=name, value=repr(value)), refused:
                    journey.get_lift(**{name: value})

    def test_a_gift_costs_its_margin(self):
        journey, person = self._journey(), self._member()
        self._enrol(journey, person)
        self.product.with_company(self.shop).standard_price = 4
        order = self._order(person, NOON + timedelta(days=1), 0, self.shop)
        self.assertEqual(order.margin, -4)
        self.assertEqual(journey.get_lift()["treated"]["margin"], -4)

    def _accounts(self, person):
        account = self.env["account.account"].create(
            {"code": "LIFT1", "name": "Sales", "account_type": "income"}
        )
        receivable = self.env["account.account"].create(
            {
                "code": "LIFT2",
                "name": "Receivable",
                "account_type": "asset_receivable",
                "reconcile": True,
            }
        )
        journal = self.env["account.journal"].create(
            {"code": "LFT", "name": "Sales", "type": "sale", "company_id": self.shop.id}
        )
        person.property_account_receivable_id = receivable
        return account, journal

    def test_what_was_refunded_is_no_revenue(self):
        journey, person = self._journey(), self._member()
        self._enrol(journey, person)
        self.product.invoice_policy = "order"
        self.product.standard_price = 4
        account, journal = self._accounts(person)
        order = self._order(person, NOON + timedelta(days=1), 100, self.shop)
        margin = journey.get_lift()["treated"]["margin"]
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": person.id,
                "journal_id": journal.id,
                "invoice_date": "2040-06-20",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Sour",
                            "price_unit": 25,
                            "quantity": 1,
                            "tax_ids": False,
                            "account_id": account.id,
                            "sale_line_ids": [Command.set(order.order_line.ids)],
                        }
                    )
                ],
            }
        )
        self.assertEqual(journey.get_lift()["treated"]["revenue"], 100)
        refund.action_post()
        found = journey.get_lift()["treated"]
        self.assertEqual(found["revenue"], 75)
        self.assertAlmostEqual(found["margin"], margin * 0.75)
