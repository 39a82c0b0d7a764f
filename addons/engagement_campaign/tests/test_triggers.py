from datetime import date, datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOON, CampaignCommon

AT_RISK = {"trigger_type": "stage_entry", "stage": "at_risk"}
FAILED = {"trigger_type": "event", "event_type": "payment_failed"}


@tagged("post_install", "-at_install")
class TestTriggers(CampaignCommon):
    """Who enters a campaign, and when."""

    # ---------------------------------------------------------------------- stages
    def test_who_enters_the_stage_enters_the_campaign(self):
        campaign = self._campaign(AT_RISK)
        enters, other = self._member(), self._member()
        self._move([enters], "at_risk")
        self._move([other], "dormant")
        self.assertEqual(self._of(campaign).customer_id, enters)
        self.assertEqual(self._of(campaign).context, {"stage": "at_risk"})
        self.assertEqual(self._of(campaign).status, "active")

    def test_the_engine_itself_tells_of_the_stage(self):
        campaign = self._campaign({**AT_RISK, "stage": "churned"})
        person = self._member()
        self._order(person, NOON - timedelta(days=900), company=self.shop)
        with freeze_time(NOON):
            self._settle(NOON)
        self.assertEqual(self._row(person, self.shop).current_stage, "churned")
        self.assertEqual(self._of(campaign).customer_id, person)

    def test_the_stage_before_may_matter(self):
        campaign = self._campaign({**AT_RISK, "from_stage": "engaged"})
        regular, newcomer = self._member(), self._member()
        self._row(regular, self.shop).current_stage = "engaged"
        self._move([regular, newcomer], "at_risk")
        self.assertEqual(self._of(campaign).customer_id, regular)

    def test_a_new_customer_is_acquired_once(self):
        campaign = self._campaign({"trigger_type": "stage_entry", "stage": "acquired"})
        person = self._person()
        self.lifecycle.sudo()._ensure(person, self.shop, NOON)
        self._hand_out()
        self.assertEqual(self._of(campaign).customer_id, person)

    def test_a_campaign_that_is_switched_off_lets_nobody_in(self):
        campaign = self._campaign(AT_RISK, start=False)
        self._move([self._member()], "at_risk")
        campaign.action_start()
        campaign.action_stop()
        self._move([self._member()], "at_risk")
        self.assertFalse(self._of(campaign))

    def test_the_wait_is_counted_before_the_first_step(self):
        campaign = self._campaign({**AT_RISK, "delay_hours": 24}, hours=(0, 48))
        self._move([self._member()], "at_risk")
        run = self._of(campaign)
        self.assertEqual(run.next_step_at, NOON + timedelta(hours=24))
        self._process(24)
        self.assertEqual(run.next_step_at, NOON + timedelta(hours=72))

    def test_only_the_target_audience_enters(self):
        rich, poor = self._member(), self._member()
        self._row(rich, self.shop).total_revenue = 1000
        segment = self.env["customer.segment"].create(
            {
                "name": "Rich",
                "company_id": self.shop.id,
                "domain": "[('total_revenue', '>', 500)]",
            }
        )
        self.assertEqual(segment.customer_count, 1)
        for values in (
            {"target_segment_id": segment.id},
            {"target_conditions": [["total_revenue", ">", 500]]},
            {"target_domain": "[('total_revenue', '>', 500)]"},
        ):
            campaign = self._campaign(AT_RISK, **values)
            self._move([rich, poor], "at_risk")
            self.assertEqual(self._of(campaign).customer_id, rich)
            self._move([rich, poor], "active")

    def test_a_thousand_enter_in_as_few_statements_as_ten(self):
        def statements(number):
            campaign = self._campaign(AT_RISK)
            people = [self._member(agreed=False) for _each in range(number)]
            self._move(people[:1], "at_risk")
            self.env.flush_all()
            self.env.invalidate_all()
            rows = [
                {
                    "customer_id": person.id,
                    "company_id": self.shop.id,
                    "from_stage": "active",
                    "to_stage": "at_risk",
                }
                for person in people
            ]
            before = self.env.cr.sql_log_count
            campaign._on_stages(rows, NOON)
            found = self.env.cr.sql_log_count - before
            campaign.action_stop()
            self.assertEqual(len(self._of(campaign)), number)
            return found

        statements(2)
        self.assertEqual(statements(3), statements(60))

    # ---------------------------------------------------------------------- events
    def test_the_same_event_twice_lets_in_once(self):
        campaign = self._campaign(FAILED)
        person = self._member()
        for _twice in range(2):
            self._happens(person, "payment_failed", "payment_failed:1")
            self._hand_out()
        self.assertEqual(len(self._of(campaign)), 1)
        self.assertEqual(self._of(campaign).context["event_type"], "payment_failed")

    def test_a_storm_of_failures_is_one_pass(self):
        campaign = self._campaign(FAILED, max_sends_per_customer=0)
        person = self._member()
        for _each in range(30):
            self._happens(person, "payment_failed")
        self._hand_out()
        self.assertEqual(len(self._of(campaign)), 1)

    def test_history_is_no_news(self):
        campaign = self._campaign(FAILED)
        person = self._member()
        self.events.sudo()._record(
            [
                {
                    "customer_id": person.id,
                    "company_id": self.shop.id,
                    "event_type": "payment_failed",
                    "event_key": "old",
                    "occurred_at": NOON,
                }
            ],
            history=True,
        )
        self._hand_out()
        self.assertFalse(self._of(campaign))

    def test_another_company_has_its_own_campaigns(self):
        campaign = self._campaign(FAILED)
        person, other = self._member(), self._create_company()
        self.events.sudo()._record(
            [
                {
                    "customer_id": person.id,
                    "company_id": other.id,
                    "event_type": "payment_failed",
                    "event_key": "foreign",
                    "occurred_at": NOON,
                }
            ]
        )
        self._hand_out()
        self.assertFalse(self._of(campaign))

    def test_a_cancellation_has_two_faces(self):
        campaign = self._campaign(
            {"trigger_type": "event", "event_type": "cancellation"}
        )
        one, two = self._member(), self._member()
        self._happens(one, "subscription_ended")
        self._happens(two, "account_closed")
        self._hand_out()
        self.assertEqual(self._of(campaign).customer_id, one | two)

    def test_the_order_that_starts_a_campaign_is_not_its_success(self):
        campaign = self._campaign(
            {"trigger_type": "event", "event_type": "first_order_placed"}
        )
        person = self._member()
        with freeze_time(NOON):
            self._order(person, NOON, company=self.shop)
            self._settle(NOON)
        self._process(1)
        self.assertEqual(self._of(campaign).status, "completed")
        self._buys(person, 2)
        self._hand_out(NOON + timedelta(hours=2))
        self.assertEqual(self._of(campaign).status, "converted")

    # ------------------------------------------------------------------ milestones
    def test_each_milestone_counts_once(self):
        campaign = self._campaign(
            {"trigger_type": "milestone", "milestone": "orders", "target": [2, 3]},
            max_sends_per_customer=0,
            goal="none",
        )
        person, old = self._member(), self._member()
        for hours in (-40, -30, -20, -10):
            self._buys(old, hours)
        self._dispatch()
        self._of(campaign).action_cancel() if self._of(campaign) else None
        before = len(self._of(campaign, old))
        for number in range(1, 5):
            self._buys(person, number)
            self._hand_out(NOON + timedelta(hours=number))
            self._process(number + 0.5)
        targets = [run.context["target"] for run in self._of(campaign, person)]
        self.assertEqual(targets, ["2", "3"])
        order = self._buys(old, 5)
        self._hand_out(NOON + timedelta(hours=5))
        self.assertEqual(len(self._of(campaign, old)), before)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self._hand_out(NOON + timedelta(hours=6))
        self.assertEqual(len(self._of(campaign, old)), before)

    def test_a_milestone_reached_on_the_way_is_celebrated_afterwards(self):
        campaign = self._campaign(
            {"trigger_type": "milestone", "milestone": "orders", "target": [1, 2, 3]},
            hours=(0, 48),
            goal="none",
        )
        person = self._member()
        for number in range(1, 4):
            self._buys(person, number)
            self._hand_out(NOON + timedelta(hours=number))
        targets = [run.context["target"] for run in self._of(campaign, person)]
        self.assertEqual(targets, ["1"])
        self._process(4)
        self._process(50)
        targets = [run.context["target"] for run in self._of(campaign, person)]
        self.assertEqual(targets, ["1", "3"])
        for hours in (75, 101, 130):  # one message a day
            self._process(hours)
        self.assertEqual(len(self._of(campaign, person)), 2)
        self.assertEqual(
            self._of(campaign, person).mapped("run_state"), ["done", "done"]
        )

    def test_revenue_is_a_milestone(self):
        campaign = self._campaign(
            {"trigger_type": "milestone", "milestone": "revenue", "target": 100},
        )
        person = self._member()
        self._buys(person, 1, 99)
        self._hand_out(NOON + timedelta(hours=1))
        self.assertFalse(self._of(campaign))
        self._buys(person, 2, 1)
        self._hand_out(NOON + timedelta(hours=2))
        self.assertEqual(self._of(campaign).customer_id, person)

    # ----------------------------------------------------------------------- dates
    def _on(self, campaign, day, hour=12):
        campaign._enter_daily(datetime(day.year, day.month, day.day, hour))
        return self._of(campaign).customer_id

    def test_a_date_that_is_written_again_lets_nobody_in_again(self):
        schedule = {"kind": "calendar", "date": "2040-06-13", "repeat": "once"}
        config = {"trigger_type": "schedule", "schedule": schedule}
        campaign = self._campaign(
            config, start=False, max_sends_per_customer=0, goal="none"
        )
        campaign.schedule_date = NOON.date()
        with freeze_time(NOON):
            campaign.action_start()
            self._member()
            campaign._enter_daily(NOON)
            runs = self._of(campaign)
            self.assertTrue(runs)
            self.enrollments._end(runs.ids, "done", "completed", NOON)
            campaign.trigger_config = campaign.trigger_config
            campaign._enter_daily(NOON + timedelta(hours=1))
        self.assertEqual(self._of(campaign), runs)

    def test_an_anniversary_comes_every_year(self):
        campaign = self._campaign(
            {"trigger_type": "schedule", "schedule": {"kind": "anniversary"}},
            max_sends_per_customer=0,
            reentry_days=300,
            goal="none",
        )
        person = self._member()
        campaign.scheduled_until = date(2036, 2, 28)
        self._row(person, self.shop).customer_since = date(2036, 2, 29)
        self.assertFalse(self._on(campaign, date(2036, 2, 29)))
        self.assertEqual(self._on(campaign, date(2037, 2, 28)), person)
        self.enrollments._end(
            self._of(campaign).ids, "done", "completed", datetime(2037, 2, 28, 12)
        )
        self._on(campaign, date(2038, 2, 28))
        self.assertEqual(len(self._of(campaign)), 2)

    def test_a_birthday_is_the_persons(self):
        campaign = self._campaign(
            {"trigger_type": "schedule", "schedule": {"kind": "birthday", "hour": 8}}
        )
        person, _other = self._member(birthday="1990-06-13"), self._member()
        self.assertFalse(self._on(campaign, NOON.date(), 7))
        self.assertEqual(self._on(campaign, NOON.date(), 8), person)

    def test_silence_is_met_on_the_day_it_lasts_long_enough(self):
        campaign = self._campaign(
            {
                "trigger_type": "schedule",
                "schedule": {"kind": "after_last_order", "days": 14},
            }
        )
        fresh, due, gone = (self._member() for _each in range(3))
        for person, days in ((fresh, 13), (due, 14), (gone, 15)):
            self._row(person, self.shop).last_order_date = NOON.date() - timedelta(days)
        self.assertEqual(self._on(campaign, NOON.date()), due)
        # Tomorrow's job makes up for nothing it has seen, and misses nobody.
        self.assertEqual(self._on(campaign, NOON.date() + timedelta(1)), fresh | due)

    def test_days_that_were_missed_are_made_up_for(self):
        campaign = self._campaign(
            {
                "trigger_type": "schedule",
                "schedule": {"kind": "after_last_order", "days": 14},
            }
        )
        self._on(campaign, NOON.date())
        person = self._member()
        self._row(person, self.shop).last_order_date = NOON.date() - timedelta(12)
        self.assertEqual(self._on(campaign, NOON.date() + timedelta(4)), person)

    def test_the_calendar_repeats_as_it_says(self):
        for repeat, hits, misses in (
            ("once", ["2040-01-31"], ["2040-02-01", "2041-01-31"]),
            ("weekly", ["2040-01-31", "2040-02-07"], ["2040-02-06", "2040-01-24"]),
            ("monthly", ["2040-02-29", "2040-03-31"], ["2040-02-28", "2040-03-30"]),
            ("yearly", ["2041-01-31"], ["2041-01-30", "2039-01-31"]),
        ):
            campaign = self._campaign(
                {
                    "trigger_type": "schedule",
                    "schedule": {
                        "kind": "calendar",
                        "date": "2040-01-31",
                        "repeat": repeat,
                    },
                },
                start=False,
            )
            for days, expected in ((hits, True), (misses, False)):
                for day in days:
                    with self.subTest(repeat=repeat, day=day):
                        scope = campaign._scope_calendar(date.fromisoformat(day))
                        self.assertEqual(bool(scope), expected)

    def test_a_segment_is_looked_at_every_day(self):
        campaign = self._campaign(target_conditions={"total_orders": 0})
        person, buyer = self._member(), self._member()
        self._row(buyer, self.shop).total_orders = 3
        self.assertEqual(self._on(campaign, NOON.date()), person)
        self.assertFalse(campaign._due_today(NOON) & campaign)
        tomorrow = NOON + timedelta(days=1)
        self.assertIn(campaign, campaign._due_today(tomorrow))
        late = self._member()
        self.assertEqual(self._on(campaign, tomorrow.date()), person | late)
        self.assertEqual(len(self._of(campaign)), 2)

    # -------------------------------------------------------------------- re-entry
    def test_how_often_and_how_soon_somebody_may_come_again(self):
        for most, expected in ((1, [1, 1, 1]), (2, [1, 2, 2]), (0, [1, 2, 3])):
            campaign = self._campaign(
                AT_RISK, max_sends_per_customer=most, reentry_days=10
            )
            person = self._member()
            counts = []
            for days in (0, 11, 22):
                moment = NOON + timedelta(days=days)
                campaign._on_stages(
                    [
                        {
                            "customer_id": person.id,
                            "company_id": self.shop.id,
                            "from_stage": "active",
                            "to_stage": "at_risk",
                        }
                    ],
                    moment,
                )
                counts.append(len(self._of(campaign)))
                self.enrollments._end(
                    self._of(campaign).ids, "done", "completed", moment
                )
            campaign.action_stop()
            self.assertEqual(counts, expected)

    def test_the_higher_priority_of_a_group_wins(self):
        low = self._campaign(AT_RISK, exclusive_group="retention", priority=5)
        high = self._campaign(AT_RISK, exclusive_group="retention", priority=20)
        self._move([self._member()], "at_risk")
        self.assertEqual((len(self._of(low)), len(self._of(high))), (0, 1))

    # ------------------------------------------------------------------ incomplete
    def test_what_is_incomplete_does_not_start(self):
        for config, name in (
            ({"trigger_type": "segment"}, False),
            ({"trigger_type": "stage_entry", "stage": "active"}, "trigger_stage"),
            (FAILED, "event_type"),
            (
                {"trigger_type": "milestone", "milestone": "orders", "target": 1},
                "milestone_targets",
            ),
        ):
            campaign = self._campaign(config, start=False)
            if not name:
                campaign.email_sequence = []
            else:
                campaign[name] = False
            with self.subTest(name=name), self.assertRaises(ValidationError):
                campaign.action_start()
