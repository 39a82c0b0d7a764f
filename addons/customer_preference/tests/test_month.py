import random
from datetime import datetime, time, timedelta

from odoo.tests import BaseCase, tagged

from ..tools.caps import Cap, Ledger
from ..tools.decision import Person, Request, Situation, Word, decide_all
from ..tools.quiet_hours import UTC, QuietHours, zone_of

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
CAPS = (Cap("marketing", 1, 1), Cap("marketing", 4, 7), Cap("marketing", 2, 7, "sms"))
NIGHT = (time(21), time(9))
# The clocks of Europe and America change within.
START, DAYS = datetime(2026, 3, 5), 31
HOLD = timedelta(hours=72)
CUSTOMERS, BATCHES_A_DAY = 160, 8


@tagged("post_install", "-at_install")
class TestMonth(BaseCase):
    """A month of ten campaigns at once: nothing that goes out breaks a rule."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chance = random.Random(19)
        cls.people = {number: cls._person(number) for number in range(1, CUSTOMERS + 1)}
        cls.sent, cls.left, cls.waiting = [], [], []
        cls.ledger = Ledger(CAPS)
        for batch in range(DAYS * BATCHES_A_DAY):
            cls._live(START + timedelta(days=1) / BATCHES_A_DAY * batch)

    @classmethod
    def _person(cls, number):
        return Person(
            active=True,
            customer=number,
            has_address={"email": True, "sms": True},
            address={"email": f"p{number}", "sms": f"+{number}"},
            # Every fifth shares the address of the one before.
            address_hash={"email": f"hash{number - (number % 5 == 0)}"},
            words={("email", None): Word((START, 0), granted=number % 7 > 0)},
            quiet=QuietHours(*NIGHT, zone=ZONES[number % len(ZONES)]),
        )

    @classmethod
    def _live(cls, now):
        """Ask for what is new and for what was held back until now."""
        fresh = [cls._wish(now) for _campaign in range(10)]
        due = [request for until, request in cls.waiting if until <= now]
        cls.waiting = [pair for pair in cls.waiting if pair[0] > now]
        requests = fresh + due
        facts = Situation(
            now=now,
            hold_for=HOLD,
            people=cls.people,
            presumed={"sms": set(cls.people)},
            suppressed={},
            sent_keys=set(),
            ledger=cls.ledger,
        )
        for request, found in zip(requests, decide_all(requests, facts), strict=True):
            if found.decision == "send":
                cls.sent.append((now, request))
            elif found.decision == "hold":
                cls.waiting.append((found.until, request))
            cls.left.append((now, request, found))

    @classmethod
    def _wish(cls, now):
        person = cls.chance.randint(1, CUSTOMERS)
        return Request(
            person,
            person,
            cls.chance.choice(("email", "sms")),
            cls.chance.choice(("marketing", "marketing", "service", "transactional")),
            priority=cls.chance.randint(0, 5),
            key=None,
            due_at=now,
        )

    def _keys(self, request):
        yield request.customer_id
        if request.channel == "email":
            yield self.people[request.addressee_id].address_hash["email"]

    def test_it_was_a_busy_month(self):
        reasons = {found.reason for _now, _request, found in self.left}
        self.assertEqual(
            reasons, {None, "no_consent", "frequency_cap", "quiet_hours", "expired"}
        )
        self.assertGreater(len(self.sent), 1000)

    def test_no_cap_is_ever_broken(self):
        for cap in CAPS:
            counted = {}
            for moment, request in self.sent:
                if request.category != cap.category:
                    continue
                if cap.channel in ("", request.channel):
                    for key in self._keys(request):
                        counted.setdefault(key, []).append(moment)
            for moments in counted.values():
                later = moments[cap.limit :]
                for first, last in zip(moments, later, strict=False):
                    self.assertGreaterEqual(last - first, timedelta(days=cap.days))

    def test_nobody_is_woken(self):
        for moment, request in self.sent:
            if request.category == "transactional":
                continue
            zone = zone_of(self.people[request.addressee_id].quiet.zone)
            local = moment.replace(tzinfo=UTC).astimezone(zone)
            self.assertTrue(9 <= local.hour < 21, (local, request))

    def test_nobody_gets_what_they_did_not_agree_to(self):
        for _moment, request in self.sent:
            if (request.category, request.channel) == ("marketing", "email"):
                self.assertTrue(request.addressee_id % 7)

    def test_every_message_that_was_not_sent_has_its_reason(self):
        for now, request, found in self.left:
            if found.decision == "send":
                continue
            self.assertTrue(found.reason)
            self.assertEqual(found.decision == "hold", found.until is not None)
            if found.until:
                self.assertLessEqual(found.until, request.due_at + HOLD)
                self.assertGreater(found.until, now)
            if found.reason == "expired":
                self.assertNotEqual(request.category, "transactional")
