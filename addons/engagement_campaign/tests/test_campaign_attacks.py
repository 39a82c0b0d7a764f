from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOON, CampaignCommon

AT_RISK = {"trigger_type": "stage_entry", "stage": "at_risk"}
FAILED = {"trigger_type": "event", "event_type": "payment_failed"}
PAID = {"goal": "event", "goal_event": "payment_done"}
ENTRY = "odoo.addons.engagement_campaign.models.engagement_entry"


@tagged("post_install", "-at_install")
class TestCampaignAttacks(CampaignCommon):
    """What a tester tried, and what must never work again."""

    # ----------------------------------------------------------------------- copies
    def test_a_copy_is_for_the_same_audience(self):
        campaign = self._campaign(AT_RISK, target_conditions={"total_orders": 3})
        self.assertEqual(campaign.copy().target_conditions, {"total_orders": 3})

    def test_a_copy_has_its_own_tracking_and_offer(self):
        offer = {"type": "discount", "value": 5}
        campaign = self._campaign(AT_RISK, offer_config=offer)
        twin = campaign.copy()
        twin.action_start()
        steps = campaign.step_ids.mailing_id
        self.assertTrue(steps)
        self.assertFalse(steps & twin.step_ids.mailing_id)
        twin.offer_config = {**offer, "value": 50}
        self.assertEqual(campaign.offer_id.value, 5)

    # --------------------------------------------------------------- broken campaigns
    @mute_logger("odoo.sql_db")
    def test_a_condition_that_the_database_cannot_read_is_refused(self):
        with self.assertRaises(ValidationError):
            self._campaign(
                AT_RISK, target_conditions=[["customer_id.name", "=like", "%\\"]]
            )

    @mute_logger(ENTRY, "odoo.sql_db")
    def test_a_broken_campaign_stops_neither_stages_nor_others(self):
        for config in (AT_RISK, FAILED):
            broken = self._campaign(config, priority=50)
            fine = self._campaign(config)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE engagement_campaign SET target_conditions = %s WHERE id = %s",
                ['[["no_such", "=", 1]]', broken.id],
            )
            self.env.invalidate_all()
            person = self._member()
            self._move([person], "at_risk")
            self._happens(person, "payment_failed")
            self._hand_out()
            self.assertEqual(self._of(fine).customer_id, person)
            self.assertFalse(self._of(broken))

    def test_an_active_campaign_stays_complete(self):
        campaign = self._campaign(AT_RISK)
        with self.assertRaises(ValidationError):
            campaign.write({"trigger_type": "milestone", "milestone": False})

    def test_nobody_points_a_campaign_at_other_steps(self):
        user = new_test_user(
            self.env,
            "pointer",
            "customer_lifecycle.group_lifecycle_manager",
            company_id=self.shop.id,
            company_ids=self.shop.ids,
        )
        campaign, other = self._campaign(AT_RISK), self._campaign(AT_RISK)
        with self.assertRaises(AccessError):
            campaign.with_user(user).version_id = other.version_id

    # --------------------------------------------------------------------- payments
    def test_who_paid_before_anybody_heard_is_left_alone(self):
        campaign = self._campaign(FAILED, **PAID)
        paid, unpaid = self._member(), self._member()
        for person in (paid, unpaid):
            self._happens(person, "payment_failed", at=NOON - timedelta(minutes=5))
        self._happens(paid, "payment_done", at=NOON - timedelta(minutes=4))
        self._hand_out()
        self.assertEqual(self._of(campaign).customer_id, unpaid)

    def test_a_goal_after_the_last_step_counts_within_the_window(self):
        campaign = self._campaign(FAILED, **PAID)
        person = self._member()
        self._happens(person, "payment_failed")
        self._hand_out()
        self._process(1)
        self.assertEqual(self._of(campaign).status, "completed")
        moment = NOON + timedelta(days=3)
        self._happens(person, "payment_done", at=moment, data={"value": 7})
        self._hand_out(moment)
        self.assertRecordValues(
            self._of(campaign), [{"status": "converted", "conversion_value": 7}]
        )

    # ---------------------------------------------------------------------- figures
    def test_colleagues_are_no_customers(self):
        owner = new_test_user(self.env, "told", "sales_team.group_sale_salesman")
        campaign = self._campaign(FAILED, start=False)
        campaign.email_sequence = [
            *campaign.email_sequence,
            {"delay_hours": 1, "channel": "internal", "title": "Call"},
        ]
        campaign.action_start()
        person = self._member(user_id=owner.id)
        self._happens(person, "payment_failed")
        self._hand_out()
        self._process(1)
        self._process(2)
        self.assertEqual(len(self._log(self._of(campaign))), 2)
        self.assertEqual(campaign.sent_count, 1)
        self.assertEqual(campaign.get_statistics()["sent_count"], 1)

    def test_what_codes_cost_is_not_forgotten(self):
        campaign = self._campaign(FAILED, offer_id=self._offer(value=20).id)
        person = self._member()
        self._happens(person, "payment_failed")
        self._hand_out()
        self._process(1)
        run = self._of(campaign)
        order = self._create_order(
            person, NOON + timedelta(hours=2), 100, company=self.shop
        )
        for coupon, reward in order._try_apply_code(run.offer_code).items():
            order._apply_program_reward(reward, coupon)
        order.action_confirm()
        self._hand_out(NOON + timedelta(hours=2))
        campaign.offer_config = {}
        with freeze_time(NOON + timedelta(days=900)):
            self.env["journey.delivery.summary"]._gc_deliveries()
        self.env.invalidate_all()
        self.assertAlmostEqual(campaign.offer_cost, 20)
        (step,) = campaign.get_statistics()["steps"]
        self.assertEqual((step["converted"], step["revenue"]), (1, 80))
        user = self.service.get_discount_codes(person.id)
        self.assertEqual([row["state"] for row in user], ["used"])

    # ------------------------------------------------------------------------ dates
    def test_a_date_that_passed_lets_nobody_in(self):
        schedule = {"kind": "calendar", "date": "2040-06-12"}
        config = {"trigger_type": "schedule", "schedule": schedule}
        with self.assertRaises(ValidationError):
            self._campaign(config)
        campaign = self._campaign(
            {**config, "schedule": {**schedule, "repeat": "weekly"}}, start=False
        )
        with freeze_time(NOON.replace(hour=1)):
            campaign.action_start()
        self.assertFalse(campaign._open_days(NOON.replace(hour=2)))

    def test_a_date_that_is_moved_to_today_counts(self):
        schedule = {"kind": "calendar", "date": "2040-06-20"}
        config = {"trigger_type": "schedule", "schedule": schedule}
        campaign = self._campaign(config)
        person = self._member()
        campaign._enter_daily(NOON)
        with freeze_time(NOON):
            campaign.schedule_date = date(2040, 6, 13)
        campaign._enter_daily(NOON)
        self.assertEqual(self._of(campaign).customer_id, person)

    def test_long_downtime_is_made_up_for_as_far_as_short_one(self):
        schedule = {"kind": "after_last_order", "days": 14}
        campaign = self._campaign({"trigger_type": "schedule", "schedule": schedule})
        late = NOON + timedelta(days=30)
        self.assertEqual(len(campaign._open_days(late)), 7)

    def test_the_29th_of_february_comes_every_year(self):
        schedule = {"kind": "calendar", "date": "2040-02-29", "repeat": "yearly"}
        campaign = self._campaign(
            {"trigger_type": "schedule", "schedule": schedule}, start=False
        )
        for day, expected in (
            (date(2041, 2, 28), True),
            (date(2044, 2, 28), False),
            (date(2044, 2, 29), True),
        ):
            self.assertEqual(bool(campaign._scope_calendar(day)), expected, day)

    def test_large_milestones_are_told_apart(self):
        campaign = self._campaign(
            {
                "trigger_type": "milestone",
                "milestone": "revenue",
                "target": [12345678, 12345679],
            },
            goal="none",
            max_sends_per_customer=0,
        )
        person = self._member()
        for hours, amount in ((1, 12345678), (2, 1)):
            self._buys(person, hours, amount)
            self._hand_out(NOON + timedelta(hours=hours))
            self._process(hours + 0.5)
        targets = [run.context["target"] for run in self._of(campaign)]
        self.assertEqual(targets, ["12345678", "12345679"])

    def test_the_first_order_of_a_guest_is_not_what_the_welcome_brought(self):
        campaign = self._campaign({"trigger_type": "event", "event_type": "signup"})
        person = self._person()
        with freeze_time(NOON):
            self._order(person, NOON, company=self.shop)
        self._hand_out()
        self._process(1)
        self.assertEqual(self._of(campaign).status, "completed")

    # -------------------------------------------------------------------------- API
    @freeze_time(NOON)
    def test_data_arrive_whatever_the_protocol(self):
        campaign, person = self._campaign(FAILED), self._member()
        self.service.start_playbook(campaign.code, person.id, data={"a": 1})
        self.assertEqual(self._of(campaign).context, {"source": "service", "a": 1})

    @freeze_time(NOON)
    def test_what_the_database_cannot_keep_is_refused(self):
        campaign, person = self._campaign(FAILED), self._member()
        deep = {}
        for _each in range(2000):
            deep = {"a": deep}
        for data in ({"a": "\0"}, {"a": float("nan")}, {"a": "\ud800"}, deep):
            with self.assertRaises(ValidationError):
                self.service.start_playbook(campaign.code, person.id, data=data)
        number = self.service.start_playbook(campaign.code, person.id)
        with self.assertRaises(ValidationError):
            self.service.cancel(number["enrollment_id"], "a\0")
