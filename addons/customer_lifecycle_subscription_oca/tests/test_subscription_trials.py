from datetime import date, datetime

from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestSubscriptionTrials(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-01 12:00:00"):
            cls.subscription = cls._start(trial_end=date(2026, 3, 15))
            cls._settle()

    def _record(self, day):
        return self.env["sale.subscription"]._record_ending_trials(
            datetime.fromisoformat(f"{day} 12:00:00")
        )

    def test_announced_three_days_ahead_exactly_once(self):
        self.assertFalse(self._record("2026-03-11"))
        self.assertEqual(self._record("2026-03-12"), self.subscription.ids)
        for day in ("2026-03-12", "2026-03-13", "2026-03-15", "2026-03-16"):
            self.assertFalse(self._record(day))
        self.assertEqual(self._told(), ["started", "trial_ending"])
        event = self._new_events("trial_ending")
        self.assertEqual(
            event.event_key, f"trial_ending:{self.subscription.id}:2026-03-15"
        )
        self.assertEqual(event.data["trial_end"], "2026-03-15")
        self.assertTrue(event.is_pending)
        self.assertFalse(event._is_fact())

    def test_missed_days_are_made_up_for_until_the_end(self):
        self.assertTrue(self._record("2026-03-15"))

    def test_what_is_over_is_not_announced(self):
        self.assertFalse(self._record("2026-03-16"))

    def test_days_ahead_come_from_the_policy(self):
        policy = self.env["lifecycle.policy"]._ensure(self.company)
        self.assertEqual(policy.trial_notice_days, 3)
        policy.trial_notice_days = 7
        self.assertTrue(self._record("2026-03-08"))
        with self.assertRaises(ValidationError):
            policy.trial_notice_days = -1

    def test_prolonged_trial_is_announced_again(self):
        self._record("2026-03-12")
        self.subscription.trial_end = date(2026, 3, 20)
        self.assertFalse(self._record("2026-03-13"))
        self.assertTrue(self._record("2026-03-17"))

    def test_only_running_trials(self):
        self.subscription.action_pause()
        self.assertFalse(self._record("2026-03-12"))
        self.subscription.action_resume()
        self.subscription.close_subscription()
        self.assertFalse(self._record("2026-03-12"))
        self._create_subscription(trial_end=date(2026, 3, 15))
        self.assertFalse(self._record("2026-03-12"))

    def test_day_is_the_companys(self):
        self.company.partner_id.tz = "Pacific/Auckland"
        early = datetime(2026, 3, 11, 12)  # the 12th in Auckland
        self.assertTrue(self.env["sale.subscription"]._record_ending_trials(early))

    def test_many_trials_are_one_statement(self):
        for _number in range(11):
            self._start(trial_end=date(2026, 3, 15))
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(len(self._record("2026-03-12")), 12)
        self.assertEqual(self.env.cr.sql_log_count - before, 1)

    def test_cron(self):
        cron = self.env.ref(
            "customer_lifecycle_subscription_oca.ir_cron_sale_subscription_trials"
        )
        self.subscription.trial_end = date.today()
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertIn("trial_ending", self._told())

    def test_form_has_the_field(self):
        with Form(self.subscription) as form:
            form.trial_end = date(2026, 3, 18)
        self.assertEqual(self.subscription.trial_end, date(2026, 3, 18))
        self.assertFalse(self.subscription.copy().trial_end)

    def test_marketer_reads_subscriptions_but_changes_none(self):
        marketer = self.env["res.users"].create(
            {
                "name": "Marketer",
                "login": "marketer_subscription",
                "company_ids": self.company.ids,
                "company_id": self.company.id,
                "group_ids": self.env.ref(
                    "customer_lifecycle.group_lifecycle_user"
                ).ids,
            }
        )
        seen = self.subscription.with_user(marketer)
        self.assertEqual(seen.trial_end, date(2026, 3, 15))
        self.assertTrue(seen.sale_subscription_line_ids.mapped("price_unit"))
        self.assertFalse(seen.has_access("write"))
