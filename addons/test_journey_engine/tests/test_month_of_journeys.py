import random
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from odoo.tests import tagged
from odoo.tools import SQL

from .common import JourneyCommon

ZONES = (
    "Asia/Dhaka",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "UTC",
)
# The clocks of America and Europe change within.
START, DAYS, CUSTOMERS = datetime(2027, 3, 5), 31, 1000
TURN = timedelta(hours=6)
QUIET_FROM, QUIET_TO = 21, 9


@tagged("post_install", "-at_install")
class TestMonthOfJourneys(JourneyCommon):
    """A thousand customers in eight zones walk ten journeys for a month: whatever goes
    out keeps every rule, whatever does not has its reason.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dice = random.Random(2027)
        cls.people = cls._people()
        cls.journeys = [cls._journey_of(number) for number in range(10)]
        cls._live_through_it()
        cls.log_rows = cls.deliveries.search(
            [("definition_model", "=", "test.journey")]
        ).filtered(lambda d: d.company_id == cls.shop)

    @classmethod
    def _people(cls):
        values = []
        for number in range(CUSTOMERS):
            # Every tenth shares the address of the one before.
            address = number - (number % 10 == 9)
            values.append(
                {
                    "name": f"Customer {number}",
                    "email": f"month{address}@example.com" if number % 50 else False,
                    "tz": ZONES[number % len(ZONES)],
                }
            )
        people = cls.env["res.partner"].create(values)
        cls.lifecycle.sudo()._ensure(people, cls.shop, START)
        for person in people:
            if cls.dice.random() < 0.85:
                cls._say(person, "granted", occurred_at=datetime(2027, 1, 1))
        return people

    @classmethod
    def _journey_of(cls, number):
        steps = [
            cls._step(
                24 * day,
                category=cls.dice.choice((False, False, "service", "transactional")),
                includes_offer=False,
            )
            for day in sorted(cls.dice.sample(range(20), 4))
        ]
        return cls._journey(
            *steps,
            priority=number,
            goal="none",
            topic_id=cls.dice.choice((cls.offers, cls.news)).id,
            holdout_percent=10 * (number % 3),
            exclusive_group="group" if number < 3 else False,
        )

    @classmethod
    def _live_through_it(cls):
        """Every six hours: some enter, some say no, what is due is processed."""
        cls.said_no = []
        for turn in range(int(timedelta(days=DAYS) / TURN)):
            now = START + TURN * turn
            journey = cls.dice.choice(cls.journeys)
            chosen = cls.dice.sample(cls.people.ids, 120)
            journey._enrol(SQL("l.customer_id = ANY(%s)", chosen), now)
            person = cls.people[cls.dice.randrange(CUSTOMERS)]
            topic = cls.dice.choice((None, journey.topic_id))
            cls._say(person, "withdrawn", topic=topic, occurred_at=now)
            cls.said_no.append((now, person, topic))
            cls.scheduler.process_due(now)

    def _sent(self):
        return self.log_rows.filtered(lambda d: d.state == "queued")

    def test_it_was_a_busy_month(self):
        reasons = set(self.log_rows.mapped("reason"))
        self.assertLessEqual(
            {"no_consent", "frequency_cap", "no_address", "holdout", "topic_opt_out"},
            reasons,
        )
        self.assertTrue(self.log_rows.filtered("times_held"))
        self.assertGreater(len(self._sent()), 1000)

    def test_every_message_that_did_not_go_out_has_its_reason(self):
        for delivery in self.log_rows - self._sent():
            self.assertIn(delivery.state, ("held", "skipped", "cancelled"))
            self.assertTrue(delivery.reason)

    def test_nobody_is_woken(self):
        for delivery in self._sent().filtered(lambda d: d.category != "transactional"):
            zone = ZoneInfo(delivery.addressee_id.tz)
            local = delivery.decided_at.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
            self.assertTrue(QUIET_TO <= local.hour < QUIET_FROM, local)

    def test_no_cap_is_broken_for_a_customer_or_an_address(self):
        moments = defaultdict(list)
        for delivery in self._sent().filtered(lambda d: d.category == "marketing"):
            moments[delivery.customer_id].append(delivery.decided_at)
            address = delivery.addressee_id.email_normalized
            moments[address].append(delivery.decided_at)
        for when in map(sorted, moments.values()):
            for limit, days in ((1, 1), (4, 7)):
                for first, last in zip(when, when[limit:], strict=False):
                    self.assertGreaterEqual(last - first, timedelta(days=days))

    def test_nobody_is_written_to_after_a_no(self):
        no = {}
        for moment, person, topic in self.said_no:
            key = (person.email_normalized or person, topic or None)
            no[key] = min(moment, no.get(key, moment))
        for delivery in self._sent().filtered(lambda d: d.category != "transactional"):
            address = delivery.addressee_id.email_normalized
            said = no.get((address, delivery.topic_id), delivery.decided_at)
            self.assertGreaterEqual(said, delivery.decided_at)
            if delivery.category == "marketing":
                said = no.get((address, None), delivery.decided_at)
                self.assertGreaterEqual(said, delivery.decided_at)

    def test_the_control_group_heard_nothing(self):
        held = self.runs.search(
            [("is_holdout", "=", True), ("company_id", "=", self.shop.id)]
        )
        self.assertTrue(held)
        self.assertEqual(
            set(held.delivery_ids.mapped("reason")) - {"condition"}, {"holdout"}
        )

    def test_every_run_stands_where_it_should(self):
        end = START + timedelta(days=DAYS) - TURN
        for run in self.runs.search([("company_id", "=", self.shop.id)]):
            if run.run_state == "running":
                self.assertGreater(run.next_step_at, end)
            elif run.exit_reason == "completed":
                self.assertEqual(run.steps_completed, 4)
                self.assertEqual(len(run.delivery_ids), 4)
            else:
                self.assertEqual(run.exit_reason, "superseded")

    def test_a_group_is_walked_once_at_a_time(self):
        spans = defaultdict(list)
        group = self.env["test.journey"].browse(
            [j.id for j in self.journeys if j.exclusive_group]
        )
        for run in self.runs.search([("definition_id", "in", group.ids)]):
            end = run.completed_at or datetime.max
            spans[run.customer_id].append((run.started_at, end))
        for mine in map(sorted, spans.values()):
            for (_start, end), (start, _end) in pairwise(mine):
                self.assertLessEqual(end, start)
