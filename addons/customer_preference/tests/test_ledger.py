from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import NOON, PreferenceCommon


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestLedger(PreferenceCommon):
    def test_what_was_said_cannot_be_changed(self):
        row = self._say(self._person(agreed=False), "granted")
        with self.assertRaises(UserError):
            row.status = "withdrawn"
        with self.assertRaises(UserError):
            row.unlink()

    def test_a_person_with_a_ledger_is_not_deleted(self):
        person = self._person()
        with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017
            person.unlink()
            self.env.flush_all()

    def test_a_switch_on_the_contact_is_a_row_in_the_ledger(self):
        person = self._person(agreed=False)
        for value, rows in ((True, 1), (True, 1), (False, 2)):
            person.email_marketing_consent = value
            self.assertEqual(len(person.consent_ids), rows)
            self.assertEqual(person.email_marketing_consent, value)
        self.assertFalse(person.sms_marketing_consent)
        self.assertIn(self.env.user.name, person.consent_ids[0].evidence)

    def test_staff_write_down_a_no_of_who_was_never_asked(self):
        self.shop.email_consent_default = "opt_out"
        person = self._person(agreed=False)
        self.assertEqual(self._verdict(person), ("send", None))
        person.email_marketing_consent = False
        self.assertEqual(self._verdict(person), ("skip", "no_consent"))

    def test_a_form_saved_without_a_change_says_nothing(self):
        person = self._person(agreed=False)
        with Form(person) as form:
            form.name = "Renamed"
        self.assertFalse(person.consent_ids)

    def test_people_are_found_by_what_they_agreed_to(self):
        yes, no, silent = (self._person(agreed=a) for a in (True, True, False))
        self._say(no, "withdrawn", "sms", occurred_at=NOON)
        partners = self.env["res.partner"]
        everybody = [("id", "in", (yes | no | silent).ids)]
        for domain, expected in (
            (("sms_marketing_consent", "=", True), yes),
            (("sms_marketing_consent", "!=", True), no | silent),
            (("sms_marketing_consent", "=", False), no | silent),
            (("email_marketing_consent", "=", True), yes | no),
            (("push_notification_consent", "in", [True, False]), yes | no | silent),
        ):
            self.assertEqual(partners.search([*everybody, domain]), expected)

    def test_a_new_company_has_the_usual_caps(self):
        caps = self.env["contact.frequency.cap"]
        rows = caps.search([("company_id", "=", self._create_company().id)])
        found = {(row.max_messages, row.period_days) for row in rows}
        self.assertEqual(found, {(1, 1), (4, 7)})

    def test_no_message_is_logged_twice(self):
        person = self._person()
        row = {
            "customer_id": person.id,
            "addressee_id": person.id,
            "channel": "email",
            "category": "marketing",
            "sent_at": NOON,
            "message_key": "once",
        }
        self.assertEqual(self.log._record([row]), {"once"})
        self.assertEqual(self.log._record([row, row | {"message_key": "b"}]), {"b"})

    def test_old_rows_of_the_log_are_purged(self):
        person = self._person()
        self._sent(person, NOON.replace(year=2038))
        self._sent(person, NOON.replace(month=1))
        self.log._gc_log()
        self.assertEqual(self.log.search_count([("customer_id", "=", person.id)]), 1)


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestMerge(PreferenceCommon):
    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_a_merge_loses_neither_consent_nor_preferences(self):
        source, target = self._person(), self._person()
        for person, values in (
            (source, {"shopping": {"brand": "old", "size": 1}}),
            (target, {"shopping": {"brand": "new"}, "payment": {"method": "cash"}}),
        ):
            self.service.bulk_update(person.id, values)
        self.env.cr.execute(
            "UPDATE customer_preference SET write_date = write_date - interval '1 day'"
            " WHERE customer_id = %s",
            [source.id],
        )
        self._sent(source, NOON)
        self._merge(source, target)
        self.assertEqual(
            self.service.get_preferences(target.id),
            {"shopping": {"brand": "new", "size": 1}, "payment": {"method": "cash"}},
        )
        self.assertEqual(len(target.consent_ids), 6)
        self.assertEqual(self._verdict(target), ("hold", "frequency_cap"))

    def test_a_contact_that_becomes_part_of_a_firm_brings_what_was_sent(self):
        firm, person = self._person(is_company=True), self._person()
        self._sent(person, NOON)
        person.parent_id = firm
        self.assertEqual(self._verdict(firm), ("hold", "frequency_cap"))
