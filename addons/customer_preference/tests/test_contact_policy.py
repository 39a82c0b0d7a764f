from datetime import datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOON, PreferenceCommon

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = datetime(2040, 6, 13, 23)
MORNING = datetime(2040, 6, 14, 9)
SEND = ("send", None)


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestConsent(PreferenceCommon):
    def test_the_newest_word_decides(self):
        person = self._person(agreed=False)
        for status, day, expected in (
            ("granted", 2, SEND),
            ("withdrawn", 3, ("skip", "no_consent")),
            ("granted", 1, ("skip", "no_consent")),
            ("granted", 4, SEND),
        ):
            self._say(person, status, occurred_at=datetime(2040, 1, day))
            self.assertEqual(self._verdict(person), expected)

    def test_silence_means_what_the_company_says(self):
        buyer, other = self._person(agreed=False), self._person(agreed=False)
        self._order(buyer, NOON - DAY, company=self.shop)
        self._settle(NOON)
        for absence, expected in (
            ("opt_in", (False, False)),
            ("customers", (True, False)),
            ("opt_out", (True, True)),
        ):
            self.shop.email_consent_default = absence
            found = tuple(self._verdict(p) == SEND for p in (buyer, other))
            self.assertEqual(found, expected)

    def test_sms_and_push_are_for_those_who_agreed(self):
        self.shop.email_consent_default = "opt_out"
        person = self._person(agreed=False)
        self.assertEqual(self._verdict(person, channel="sms"), ("skip", "no_consent"))
        self._say(person, "granted", channel="sms")
        self.assertEqual(self._verdict(person, channel="sms"), SEND)

    def test_one_topic_is_left_without_losing_the_rest(self):
        person = self._person()
        self._say(person, "withdrawn", topic=self.offers)
        opted_out = ("skip", "topic_opt_out")
        self.assertEqual(self._verdict(person, topic=self.offers.id), opted_out)
        self.assertEqual(
            self._verdict(person, topic=self.offers.id, category="service"), opted_out
        )
        self.assertEqual(self._verdict(person, topic=self.news.id), SEND)

    def test_to_welcome_a_topic_again_opens_no_channel(self):
        person = self._person(agreed=False)
        for status, day in (("withdrawn", 1), ("granted", 2)):
            moment = datetime(2040, 1, day)
            self._say(person, status, None, self.offers, occurred_at=moment)
        for channel in ("email", "sms"):
            found = self._verdict(person, channel=channel, topic=self.offers.id)
            self.assertEqual(found, ("skip", "no_consent"))

    def test_a_new_yes_to_all_does_not_bring_back_a_topic(self):
        person = self._person()
        self._say(person, "withdrawn", topic=self.offers)
        self._say(person, "granted", occurred_at=datetime(2040, 2, 1))
        found = self._verdict(person, topic=self.offers.id)
        self.assertEqual(found, ("skip", "topic_opt_out"))

    def test_service_needs_no_consent_and_orders_are_never_stopped(self):
        person = self._person(agreed=False)
        self.assertEqual(self._verdict(person, category="service"), SEND)
        self.env["mail.blacklist"]._add(person.email)
        blacklisted = ("skip", "blacklisted")
        self.assertEqual(self._verdict(person, category="service"), blacklisted)
        self.assertEqual(self._verdict(person, category="transactional"), SEND)

    def test_who_shares_the_address_speaks_for_it(self):
        person, guest = self._person(), self._person(agreed=False)
        guest.email = person.email.upper()
        self._say(guest, "withdrawn", occurred_at=datetime(2040, 1, 2))
        self.assertEqual(self._verdict(person), ("skip", "no_consent"))
        self._say(person, "granted", occurred_at=datetime(2040, 1, 3))
        self.assertEqual(self._verdict(person), SEND)

    def test_a_yes_is_nobody_else_s(self):
        person, guest = self._person(), self._person(agreed=False)
        guest.email = person.email
        self.assertEqual(self._verdict(guest), ("skip", "no_consent"))

    def test_consent_is_given_to_one_company(self):
        person = self._person()
        other = self._create_company()
        policy = self.policy.with_company(other)
        (found,) = policy.decide([self._request(person)], NOON)
        self.assertEqual(found.reason, "no_consent")


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestAddresses(PreferenceCommon):
    def test_every_address_has_its_reason(self):
        for values, channel, reason in (
            ({"email": False}, "email", "no_address"),
            ({"email": "nobody"}, "email", "invalid_address"),
            ({"phone": False}, "sms", "no_address"),
            ({"phone": "12"}, "sms", "invalid_address"),
            ({}, "push", "no_address"),
        ):
            with self.subTest(values=values, channel=channel):
                person = self._person(**values)
                for category in ("marketing", "transactional"):
                    found = self._verdict(person, channel=channel, category=category)
                    self.assertEqual(found, ("skip", reason))

    def test_the_archived_get_what_concerns_their_orders(self):
        person = self._person(active=False)
        self.assertEqual(self._verdict(person), ("skip", "no_address"))
        self.assertEqual(self._verdict(person, category="transactional"), SEND)

    def test_a_deleted_person_has_no_address(self):
        person = self._person(agreed=False)
        request = self._request(person)
        person.unlink()
        (found,) = self.policy.decide([request], NOON)
        self.assertEqual(found.reason, "no_address")

    def test_the_erased_stay_erased_until_they_come_back_themselves(self):
        person = self._person()
        email, phone = person.email, person.phone
        self.env["lifecycle.engine"]._anonymize_customer(person)
        person.write({"email": False, "phone": False})
        again = self._person(email=email, phone=phone)
        erased = ("skip", "suppressed:erased")
        for channel in ("email", "sms"):
            found = self._verdict(again, channel=channel, category="service")
            self.assertEqual(found, erased)
        later = NOON + HOUR
        self._say(again, "granted", occurred_at=later, source="import")
        self.assertEqual(self._verdict(again), erased)
        self._say(again, "granted", occurred_at=later, source="portal")
        self.assertEqual(self._verdict(again), SEND)

    def test_no_address_can_be_read_from_the_suppression(self):
        person = self._person()
        self.env["lifecycle.engine"]._anonymize_customer(person)
        for row in self.env["contact.suppression"].search([]):
            self.assertNotIn(person.email, row.address_hash)
            self.assertEqual(len(row.address_hash), 64)

    def test_unknown_words_are_refused(self):
        person = self._person()
        for name in ("channel", "category"):
            with self.assertRaisesRegex(ValidationError, f"{name}: 'fax'"):
                self._decide(person, **{name: "fax"})


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestCaps(PreferenceCommon):
    def test_one_a_day_over_all_channels(self):
        person = self._person()
        self._sent(person, NOON - 20 * HOUR, channel="sms")
        found = self._decide(person)
        self.assertEqual(found.reason, "frequency_cap")
        # Free at four in the afternoon, and that is no quiet hour.
        self.assertEqual(found.until, NOON + 4 * HOUR)
        self.assertEqual(self._verdict(person, NOON + 4 * HOUR), SEND)

    def test_four_in_seven_days(self):
        person = self._person()
        for days in (6, 5, 3, 2):
            self._sent(person, NOON - days * DAY)
        self.assertEqual(self._verdict(person), ("hold", "frequency_cap"))
        self.assertEqual(self._verdict(person, NOON + DAY), SEND)

    def test_only_marketing_counts_and_is_counted(self):
        person = self._person()
        self._sent(person, NOON - HOUR, category="service")
        self.assertEqual(self._verdict(person), SEND)
        self._sent(person, NOON - HOUR)
        self.assertEqual(self._verdict(person, category="service"), SEND)

    def test_a_guest_who_signs_up_is_one_person(self):
        guest, person = self._person(), self._person()
        person.email = guest.email
        self._sent(guest, NOON - HOUR)
        self.assertEqual(self._verdict(person), ("hold", "frequency_cap"))

    def test_contacts_of_a_customer_share_the_cap(self):
        firm = self._person(is_company=True)
        clerk = self._person(parent_id=firm.id)
        self._sent(clerk, NOON - HOUR)
        self.assertEqual(self._verdict(firm), ("hold", "frequency_cap"))
        request = (clerk.id, *self._request(clerk)[1:])
        (found,) = self.policy.decide([request], NOON)
        self.assertEqual(found.reason, "frequency_cap")

    def test_the_highest_priority_wins_the_cap(self):
        person, other = self._person(), self._person()
        requests = [
            self._request(person, priority=1, key="low"),
            self._request(other, priority=1, key="other"),
            self._request(person, priority=9, key="high"),
        ]
        found = [tuple(d)[:2] for d in self.policy.decide(requests, NOON)]
        self.assertEqual(found, [("hold", "frequency_cap"), SEND, SEND])

    def test_no_message_is_sent_twice(self):
        person = self._person()
        self._sent(person, NOON - 3 * DAY, message_key="welcome")
        self.assertEqual(self._verdict(person, key="welcome"), ("skip", "duplicate"))
        request = self._request(person, category="transactional", key="receipt")
        found = self.policy.decide([request, request], NOON)
        self.assertEqual([d.reason for d in found], [None, "duplicate"])

    def test_an_ordinary_mailing_counts(self):
        person = self._person()
        mailing = self._create_mailing()
        trace = self.env["mailing.trace"].create(
            {
                "mass_mailing_id": mailing.id,
                "model": "res.partner",
                "res_id": person.id,
                "email": person.email_normalized,
            }
        )
        self.assertEqual(self._verdict(person), SEND)
        for _twice in range(2):
            trace.set_sent()
            trace.set_opened()
        self.assertEqual(self._verdict(person), ("hold", "frequency_cap"))
        self.assertEqual(self.log.search_count([("customer_id", "=", person.id)]), 1)

    def test_a_company_without_caps_holds_nothing_back(self):
        person = self._person()
        self._sent(person, NOON - HOUR)
        self.env["contact.frequency.cap"].search(
            [("company_id", "=", self.shop.id)]
        ).active = False
        self.assertEqual(self._verdict(person), SEND)

    def test_a_cap_that_makes_no_sense_is_refused(self):
        caps = self.env["contact.frequency.cap"]
        for values in (
            {"max_messages": 0},
            {"period_days": 400},
            {"category": "transactional"},
        ):
            with self.assertRaises(ValidationError):
                caps.create(values)


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestHolds(PreferenceCommon):
    def test_at_night_everybody_sleeps_but_orders_do_not_wait(self):
        person = self._person()
        for category in ("marketing", "service"):
            found = self._decide(person, NIGHT, category=category)
            self.assertEqual(tuple(found), ("hold", "quiet_hours", MORNING))
        self.assertEqual(self._verdict(person, NIGHT, category="transactional"), SEND)

    def test_the_night_is_the_person_s(self):
        person = self._person(tz="Asia/Dhaka")
        self.assertEqual(self._verdict(person, datetime(2040, 6, 13, 4)), SEND)
        found = self._decide(person, datetime(2040, 6, 13, 16))
        self.assertEqual(found.until, datetime(2040, 6, 14, 3))

    def test_own_quiet_hours_replace_the_company_s(self):
        person = self._person()
        self.service.set_preference(
            person.id,
            "communication",
            "quiet_hours",
            {"start": "11:00", "end": "13:30", "days": ["thursday"]},
        )
        self.assertEqual(self._verdict(person, NIGHT), SEND)
        self.assertEqual(self._decide(person).until, NOON + 1.5 * HOUR)
        thursday = datetime(2040, 6, 14, 15)
        self.assertEqual(self._decide(person, thursday).until, datetime(2040, 6, 15))

    def test_holidays_are_quiet(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Eid",
                "company_id": self.shop.id,
                "date_from": NOON - DAY,
                "date_to": NOON + DAY,
            }
        )
        person = self._person()
        self.assertEqual(self._decide(person).until, NOON + DAY)

    def test_what_waits_too_long_is_not_sent_any_more(self):
        person = self._person()
        for hours, expected in (
            (62, ("hold", "quiet_hours", MORNING)),
            (62.5, ("skip", "expired", None)),
            (100, ("skip", "expired", None)),
        ):
            found = self._decide(person, NIGHT, due_at=NIGHT - hours * HOUR)
            self.assertEqual(tuple(found), expected)
        found = self._decide(person, due_at=NOON - 100 * HOUR)
        self.assertEqual(found.reason, "expired")

    def test_the_hold_of_a_cap_ends_by_day(self):
        person = self._person()
        self._sent(person, NOON - 14 * HOUR)
        found = self._decide(person)
        self.assertEqual(found.until, MORNING)

    def test_another_addon_s_reason_pauses_marketing(self):
        person, other = self._person(), self._person()
        found = {person.id: [("complaint", None)], other.id: [("late", NOON + DAY)]}
        self.patch(
            self.env.registry["contact.policy"],
            "_suppressions",
            lambda self, ids, now: found,
        )
        self.assertEqual(self._verdict(person), ("skip", "suppressed:complaint"))
        held = self._decide(other)
        self.assertEqual(tuple(held), ("hold", "suppressed:late", NOON + DAY))
        self.assertEqual(self._verdict(person, category="service"), SEND)


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestBatch(PreferenceCommon):
    def test_ten_times_the_batch_asks_the_same_questions(self):
        people = [self._person() for _number in range(30)]
        self.policy.decide([self._request(people[0])], NOON)
        with self.assertQueryCount(13):
            self.policy.decide([self._request(p) for p in people[:3]], NOON)
        with self.assertQueryCount(13):
            found = self.policy.decide([self._request(p) for p in people], NOON)
        self.assertEqual({d.decision for d in found}, {"send"})

    def test_nothing_asked_nothing_answered(self):
        self.assertEqual(self.policy.decide([], NOON), [])
