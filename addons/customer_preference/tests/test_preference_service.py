from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..models.contact_unsubscribe import CONFIRM
from .common import NOON, PreferenceCommon


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestPreferenceService(PreferenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls._person(agreed=False)
        shop = {"company_id": cls.shop.id, "company_ids": [Command.set(cls.shop.ids)]}
        marketer = "customer_lifecycle.group_lifecycle_user"
        cls.marketer = new_test_user(cls.env, "pref_marketer", marketer, **shop)
        cls.customer = new_test_user(
            cls.env, "pref_portal", "base.group_portal", **shop
        )
        cls.clerk = new_test_user(cls.env, "pref_clerk", "base.group_user", **shop)
        cls.staff = cls.service.with_user(cls.marketer)
        cls.own = cls.service.with_user(cls.customer)

    def test_preferences_are_kept_replaced_and_deleted(self):
        number = self.person.id
        self.assertEqual(self.staff.get_preferences(number), {})
        self.assertTrue(self.staff.set_preference(number, "shopping", "brand", "A"))
        bulk = {"shopping": {"brand": ["B", "C"], "size": 4}, "delivery": {"note": ""}}
        self.assertEqual(self.staff.bulk_update(number, bulk), 3)
        self.assertEqual(self.staff.get_preferences(number), bulk)
        self.assertEqual(
            self.staff.get_preferences(number, "delivery"), {"delivery": {"note": ""}}
        )
        self.assertTrue(self.staff.delete_preference(number, "shopping", "size"))
        self.assertFalse(self.staff.delete_preference(number, "shopping", "size"))
        self.assertEqual(self.staff.delete_all(number), 2)
        self.assertEqual(self.staff.get_preferences(number), {})

    def test_any_json_value_comes_back_as_it_went(self):
        for value in (0, False, "", [], {}, {"a": [1, None]}, "Käse", 1.5, True):
            with self.subTest(value=value):
                self.staff.set_preference(self.person.id, "marketing", "x", value)
                found = self.staff.get_preferences(self.person.id)
                self.assertEqual(found["marketing"]["x"], value)

    def test_bad_input_is_named_and_nothing_is_written(self):
        number = self.person.id
        put, bulk = self.staff.set_preference, self.staff.bulk_update
        quiet = {"start": "25:00", "end": "09:00"}
        deep = value = []
        for _level in range(5000):
            value.append([])
            value = value[0]
        for words, method, *arguments in (
            ("preference_type.*shopping", put, number, "food", "x", 1),
            ("preference_key", put, number, "shopping", "", 1),
            ("preference_key", put, number, "shopping", "x" * 65, 1),
            ("preference_value", put, number, "shopping", "x", float("nan")),
            ("preference_value", put, number, "shopping", "x", "y" * 20_000),
            ("preference_value", put, number, "shopping", "x", deep),
            ("quiet_hours", put, number, "communication", "quiet_hours", quiet),
            ("quiet_hours", put, number, "communication", "quiet_hours", "night"),
            ("preference_type", put, number, [], "x", 1),
            ("preference_value", put, number, "shopping", "x", "a\x00b"),
            ("preference_value", put, number, "shopping", "x", ["\ud800"]),
            ("preference_key", put, number, "shopping", "a\x00b", 1),
            ("preference_key", put, number, "shopping", "\ud800", 1),
            ("topic", self.staff.record_consent, number, "sms", "granted", {}),
            ("preferences", bulk, number, {"shopping": 1}),
            ("preferences", bulk, number, "x"),
            ("preference_type", bulk, number, {"shopping": {"a": 1}, "b": {"c": 1}}),
            ("customer_id", put, 2**30, "shopping", "x", 1),
            ("customer_id", put, "1", "shopping", "x", 1),
            ("preference_type", self.staff.get_preferences, number, 0),
            ("topic", self.staff.record_consent, number, "sms", "granted", 0),
            (
                "evidence",
                self.staff.record_consent,
                number,
                "sms",
                "granted",
                None,
                "staff",
                0,
            ),
            ("channel.*push", self.staff.record_consent, number, "fax", "granted"),
            ("status", self.staff.record_consent, number, "sms", "maybe"),
            ("topic.*offers", self.staff.record_consent, number, "sms", "granted", "?"),
            ("at|now", self.staff.is_quiet_hours_active, number, "yesterday"),
            ("category", self.staff.can_contact, number, "sms", "spam"),
        ):
            with (
                self.subTest(words=words, method=method.__name__),
                self.assertRaisesRegex(ValidationError, words),
            ):
                method(*arguments)
        self.assertEqual(self.staff.get_preferences(number), {})
        self.assertFalse(self.person.consent_ids)

    def test_a_days_list_of_the_whole_week_is_refused(self):
        days = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ]
        with self.assertRaisesRegex(ValidationError, "quiet_hours"):
            self.staff.set_preference(
                self.person.id, "communication", "quiet_hours", {"days": days}
            )

    def test_consent_is_recorded_and_read_back(self):
        number = self.person.id
        self.staff.record_consent(number, "sms", "granted", evidence="Call of Monday")
        self.staff.record_consent(number, "email", "withdrawn", "offers")
        found = self.staff.get_consent(number)
        self.assertEqual(
            found["channels"], {"email": False, "sms": "granted", "push": False}
        )
        self.assertEqual(found["topics"]["offers"]["email"], "withdrawn")
        self.assertFalse(found["topics"]["newsletter"]["email"])

    def test_a_yes_to_e_mail_waits_for_its_confirmation(self):
        self.shop.email_double_opt_in = True
        own = self.customer.partner_id
        own.email = "own@example.com"
        self.assertFalse(self.own.record_consent(own.id, "email", "granted"))
        self.assertFalse(own.consent_ids)
        links = self.env["contact.unsubscribe"]
        token = links._token(own, self.offers.browse(), scope=CONFIRM)
        own.email = "stranger@example.com"
        self.assertIsNone(links._read_token(token, CONFIRM))
        own.email = "own@example.com"
        ticket = links._read_token(token, CONFIRM)
        with freeze_time(datetime(2040, 6, 13, 13)):
            self.own.record_consent(own.id, "email", "withdrawn")
            self.assertFalse(links._confirm(ticket))
        self.assertEqual(own.consent_ids.mapped("status"), ["withdrawn"])

    def test_asking_twenty_times_sends_one_message(self):
        self.shop.email_double_opt_in = True
        own = self.customer.partner_id
        own.email = "own@example.com"
        mails = self.env["mail.mail"]
        mine = [("model", "=", "res.partner"), ("res_id", "=", own.id)]
        asked = mails.search_count(mine)
        for _time in range(20):
            self.assertFalse(self.own.record_consent(own.id, "email", "granted"))
        self.assertEqual(mails.search_count(mine), asked + 1)
        own.email = "another@example.com"
        self.own.record_consent(own.id, "email", "granted")
        self.assertEqual(mails.search_count(mine), asked + 2)
        # A word since then voids the link: another one is needed.
        with freeze_time(NOON + timedelta(minutes=1)):
            self.own.record_consent(own.id, "email", "withdrawn")
            self.own.record_consent(own.id, "email", "granted")
        self.assertEqual(mails.search_count(mine), asked + 3)

    def test_a_customer_speaks_only_for_oneself_and_from_the_portal(self):
        own = self.customer.partner_id.id
        self.own.record_consent(own, "email", "granted", source="staff")
        self.assertEqual(self.customer.partner_id.consent_ids.source, "portal")
        self.own.set_preference(own, "shopping", "brand", "A")
        self.assertEqual(self.own.get_preferences(own), {"shopping": {"brand": "A"}})
        for service in (self.own, self.service.with_user(self.clerk)):
            for number in (self.person.id, 2**30, "1", True, None):
                with self.assertRaises(AccessError) as refused:
                    service.get_preferences(number)
                self.assertIn("only your own", str(refused.exception))

    def test_may_we_write_is_answered_with_the_reason(self):
        number = self.person.id
        self.assertEqual(
            self.staff.can_contact(number, "email"),
            {"decision": "skip", "reason": "no_consent", "until": False},
        )
        self.staff.record_consent(number, "email", "granted")
        self.assertEqual(
            self.staff.can_contact(number, "email"),
            {"decision": "send", "reason": False, "until": False},
        )
        with freeze_time(datetime(2040, 6, 13, 23)):
            found = self.staff.can_contact(number, "email")
        self.assertEqual(found["until"], "2040-06-14T09:00:00")

    def test_quiet_hours_are_told_for_any_moment(self):
        ask = self.staff.is_quiet_hours_active
        self.assertFalse(ask(self.person.id))
        self.assertTrue(ask(self.person.id, "2040-06-13T22:00:00"))
        self.assertFalse(ask(self.person.id, "2040-06-13T12:00:00+00:00"))
