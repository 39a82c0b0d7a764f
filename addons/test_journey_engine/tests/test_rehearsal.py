from collections import Counter
from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestRehearsal(JourneyCommon):
    def _dry_run(self, journey, **values):
        return journey.dry_run(now=NOON.isoformat(), **values)

    def _audience(self):
        """Twelve customers of every kind that the policy knows."""
        people = [self._member() for _each in range(6)]
        people += [self._member(tz=zone) for zone in ("Asia/Dhaka", "America/New_York")]
        people += [self._member(agreed=False), self._member(email=False)]
        people += [self._member(email="one@example.com") for _each in range(2)]
        return people

    def _rehearsed(self, journey, days=14):
        """What the dry run says, and what then happens, as counts per outcome."""
        promised = Counter()
        for row in self._dry_run(journey, days=days)["days"]:
            promised[row["day"], row["step"], row["outcome"]] += row["count"]
        return promised

    def test_what_is_promised_is_what_happens(self):
        journey = self._journey(
            self._step(),
            self._step(10, condition="[('total_orders', '=', 0)]"),
            self._step(30, kind="wait", wait_until="opened", wait_timeout_hours=5),
            self._step(30, category="service"),
            holdout_percent=20,
            topic_id=self.offers.id,
        )
        people = self._audience()
        promised = self._rehearsed(journey)
        self.assertFalse(
            self.deliveries.search([("customer_id", "in", [p.id for p in people])])
        )
        runs = self._enrol(journey, *people)
        happened = Counter()
        for quarter in range(14 * 24 * 4):
            moment = NOON + timedelta(minutes=15 * quarter)
            if self.scheduler.process_due(moment):
                for delivery in self.deliveries.search(
                    [("run_id", "in", runs.ids), ("decided_at", "=", moment)]
                ):
                    outcome = {
                        "queued": "send",
                        "held": f"hold:{delivery.reason}",
                    }.get(delivery.state, delivery.reason)
                    day = str(moment.date())
                    happened[day, delivery.step_code, outcome] += 1
        self.assertEqual(promised, happened)
        self.assertGreater(len({outcome for _d, _s, outcome in promised}), 3)

    def test_who_may_not_enter_is_not_counted(self):
        journey = self._journey()
        people = [self._member() for _each in range(3)]
        before = self._dry_run(journey)["entering"]
        self._enrol(journey, people[0])
        self.assertEqual(before, self._dry_run(journey)["entering"] + 1)

    def test_a_dry_run_writes_nothing(self):
        journey = self._journey()
        self._member()
        tables = ("journey_delivery", "contact_log", "mail_mail", "journey_guard")
        counts = [f"SELECT count(*) FROM {table}" for table in tables]

        def size():
            found = []
            for query in counts:
                self.env.cr.execute(query)
                found.append(self.env.cr.fetchone()[0])
            return found

        before = size()
        self.assertTrue(self._dry_run(journey)["days"])
        self.assertEqual(size(), before)

    def test_days_are_checked(self):
        for days in (0, -1, 367, "x", 1.5, True):
            with self.subTest(days=days), self.assertRaises(ValidationError):
                self._dry_run(self._journey(), days=days)

    def test_who_would_leave_at_once_gets_nothing(self):
        buyer = self._member()
        self._order(buyer, NOON - timedelta(days=3), company=self.shop)
        self.lifecycle.sudo()._ensure(buyer, self.shop, NOON)
        journey = self._journey(exit_condition="[('total_orders', '>', 0)]")
        self._member()
        found = self._rehearsed(journey)
        day, first = "2040-06-13", journey.step_ids[0].code
        self.env["lifecycle.engine"].evaluate_all_customers(NOON.isoformat())
        self.assertEqual(found[day, first, "exited"], 0)
        found = self._rehearsed(journey)
        self.assertEqual(found[day, first, "exited"], 1)
        self.assertEqual(found[day, first, "send"], 1)

    def test_an_empty_audience_is_empty(self):
        journey = self._journey()
        self.patch(type(journey), "_audience_domain", lambda self: Domain.FALSE)
        self.assertEqual(
            self._dry_run(journey), {"entering": 0, "control": 0, "days": []}
        )
