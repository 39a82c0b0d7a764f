from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.customer_preference.tests.common import NOON

from .common import OnboardingCommon


@tagged("post_install", "-at_install")
class TestOnboardingWalk(OnboardingCommon):
    """How customers walk a journey."""

    def test_from_welcome_to_the_second_order(self):
        person = self._member()
        self._buys(person, -100)
        journey = self._journey(
            self._mail(),
            self._milestone(),
            self._tutorial(is_optional=True),
            self._milestone("second", "order_count >= 2"),
        )
        run = self._enrol(journey, person)
        self.assertEqual(self._row(person, self.shop).onboarding_status, "in_progress")
        self.assertEqual(run.current_step_index, 0)
        self._process(1)
        # The first order was there already: it completes when its turn comes.
        self.assertEqual(
            self._states(run),
            {
                "hello": "completed",
                "first": "completed",
                "learn": "pending",
                "second": "pending",
            },
        )
        self.assertEqual((run.completion_rate, run.current_step_index), (50, 2))
        self.assertEqual((run.status, run.run_state), ("in_progress", "running"))
        self._buys(person, 5)
        run.invalidate_recordset()
        self.assertEqual((run.status, run.completion_rate), ("completed", 75))
        self.assertEqual(run.completed_steps, ["hello", "first", "second"])
        self.assertEqual(run.skipped_steps, ["learn"])
        self.assertEqual(run.completed_at, NOON + timedelta(hours=5))
        row = self._row(person, self.shop)
        self.assertRecordValues(
            row,
            [
                {
                    "onboarding_status": "completed",
                    "onboarding_started_at": NOON,
                    "onboarding_completed_at": NOON + timedelta(hours=5),
                    "onboarding_completion_rate": 75,
                }
            ],
        )
        self.assertEqual(
            self._types(person, "onboarding_started", "onboarding_completed"),
            ["onboarding_started", "onboarding_completed"],
        )

    def test_optional_milestones_before_the_purchase_are_left_out_after_it_not(self):
        profile = self._milestone("profile", "profile_complete >= 1", is_optional=True)
        second = self._milestone("second", "order_count >= 2", is_optional=True)
        before = self._journey(profile, self._milestone())
        after = self._journey(self._milestone(), profile, second)
        person = self._member()
        first, last = (self._enrol(journey, person) for journey in (before, after))
        self._process(0)
        self._buys(person, 1)
        self.assertEqual(
            self._states(first), {"profile": "skipped", "first": "completed"}
        )
        self.assertEqual(first.status, "completed")
        self.assertEqual(self._states(last)["profile"], "pending")
        self.assertEqual(last.status, "in_progress")
        self._buys(person, 2)
        self.assertEqual(self._states(last)["profile"], "skipped")
        self.assertEqual((first.status, last.status), ("completed", "completed"))

    def test_the_message_on_completion_is_the_engines(self):
        journey = self._journey(
            self._mail(), self._task(), completion_template_id=self.template.id
        )
        run = self._enrol(journey, self._member())
        self._process(1)
        self.assertEqual((run.status, run.run_state), ("in_progress", "running"))
        with self._at(2):
            self.assertTrue(run.complete_step("tick"))
        self.assertEqual((run.status, run.run_state), ("completed", "running"))
        self._process(3)
        run.invalidate_recordset()
        self.assertEqual(run.run_state, "done")
        self.assertEqual(run.completed_at, NOON + timedelta(hours=2))
        found = self.deliveries.search([("run_id", "=", run.id)], order="id")
        found = found.filtered(lambda d: d.run_model == "customer.onboarding")
        self.assertEqual(found.mapped("step_code"), ["hello", "_closing"])
        self.assertEqual(set(found.mapped("state")), {"queued"})

    def test_a_message_already_queued_is_not_called_back_at_the_end(self):
        run = self._enrol(self._journey(self._mail()), self._member())
        self._process(1)
        run.invalidate_recordset()
        self.assertEqual((run.status, run.run_state), ("completed", "done"))
        found = self.deliveries.search(
            [("run_model", "=", "customer.onboarding"), ("run_id", "=", run.id)]
        )
        self.assertEqual(found.state, "queued")

    def test_what_the_customer_does_holds_no_message_up(self):
        journey = self._journey(self._task(), self._mail("tips", 72))
        run = self._enrol(journey, self._member())
        self._process(0)
        self._process(73)
        self.assertEqual(self._states(run), {"tick": "pending", "tips": "completed"})
        self.assertEqual(run.status, "in_progress")

    def test_while_a_message_is_held_its_neighbours_are_open(self):
        """Who signs up in quiet hours is not told that there is nothing to do."""
        self.shop.write({"quiet_hours_start": 9, "quiet_hours_end": 18})
        journey = self._journey(
            self._mail(),
            self._task(),
            self._task("only", condition=[["total_orders", ">", 5]]),
            self._tutorial(is_blocking=True),
            self._milestone(),
            self._task("tomorrow", delay_hours=24),
        )
        run = self._enrol(journey, self._member())
        self._process(0)
        held = self.deliveries.search([("run_id", "=", run.id)])
        held = held.filtered(lambda d: d.run_model == "customer.onboarding")
        self.assertEqual((held.state, held.reason), ("held", "quiet_hours"))
        opened = run.completion_ids.filtered("opened_at")
        self.assertEqual(set(opened.mapped("step_id")), {"tick", "learn"})
        with self._at(1):
            self.assertTrue(run.complete_step("tick"))
        self._process(10)
        states = self._states(run)
        self.assertEqual((states["hello"], states["tick"]), ("completed",) * 2)
        self.assertEqual(states["only"], "skipped")

    def test_unless_later_steps_are_to_wait(self):
        journey = self._journey(
            self._task(is_blocking=True), self._milestone(), self._mail("tips", 72)
        )
        person = self._member()
        run = self._enrol(journey, person)
        self._process(0)
        self._buys(person, 1)
        self._process(80)
        self.assertEqual(set(self._states(run).values()), {"pending"})
        with self._at(81):
            self.assertFalse(run.complete_step("first"))
            run.complete_step("tick")
        # The milestone behind it was met meanwhile: it completes with it.
        self.assertEqual(self._states(run)["first"], "completed")
        self._process(82)
        self.assertEqual(run.completed_steps, ["tick", "first", "tips"])
        self.assertEqual(run.status, "completed")

    def test_a_milestone_completes_only_by_its_target(self):
        person = self._member()
        journey = self._journey(
            self._milestone("money", "total_spend >= 50"),
            self._milestone("many", "order_count > 2"),
            self._milestone("same", "order_count == 2"),
        )
        run = self._enrol(journey, person)
        self._process(0)
        with self._at(1):
            for code in ("money", "many", "same"):
                self.assertIs(run.complete_step(code), False)
        self._buys(person, 2, 49)
        self.assertEqual(run.completed_steps, [])
        self._buys(person, 3, 1)
        run.invalidate_recordset()
        self.assertEqual(run.completed_steps, ["money", "same"])
        money = run.completion_ids.filtered(lambda r: r.step_id == "money")
        self.assertEqual(money.milestone_value, 50)
        # An order that is cancelled takes nothing back that was done.
        self._buys(person, 4, 1)
        self.assertEqual(run.status, "completed")

    def test_a_target_that_is_met_with_nothing(self):
        run = self._enrol(
            self._journey(self._milestone(target="order_count < 1")), self._member()
        )
        self._process(0)
        self.assertEqual(self._states(run), {"first": "completed"})

    def test_orders_of_another_company_or_of_tomorrow_do_not_count(self):
        person = self._member()
        run = self._enrol(self._journey(self._milestone()), person)
        self._process(0)
        other = self._create_company()
        with self._at(1):
            self._order(person, NOON, 10, other)
            self._order(person, NOON + timedelta(days=2), 10, self.shop)
            self.assertFalse(run.complete_step("first"))
        with self._at(49):
            self.assertTrue(run.complete_step("first"))

    def test_the_profile_is_a_share(self):
        person = self._member(phone=False)
        country = self.env.ref("base.bd").id
        journey = self._journey(
            self._milestone("half", "profile_complete >= 0.5"),
            self._milestone("full", "profile_complete >= 1"),
        )
        run = self._enrol(journey, person)
        self._process(0)
        self.assertEqual(run.completed_steps, [])
        person.write({"street": "Road 1", "city": "Dhaka"})
        with self._at(1):
            self._dispatch()
        run.invalidate_recordset()
        self.assertEqual(run.completed_steps, ["half"])
        with self._at(2):
            self.assertFalse(run.complete_step("full"))
            # One transaction tells of one change; this test is one.
            person.write({"phone": "+8801711000000", "country_id": country})
            self.assertTrue(run.complete_step("full"))
        self.assertEqual(run.status, "completed")

    def test_required_steps_keep_a_journey_open_after_the_purchase(self):
        person = self._member()
        journey = self._journey(
            self._milestone(), self._task(), self._tutorial(is_optional=True)
        )
        run = self._enrol(journey, person)
        self._process(0)
        self._buys(person, 1)
        self.assertEqual(run.status, "in_progress")
        with self._at(2):
            run.complete_step("tick")
        self.assertEqual(run.status, "completed")
        self.assertEqual(run.skipped_steps, ["learn"])

    def test_only_optional_steps_left(self):
        person = self._member()
        journey = self._journey(
            self._milestone(),
            self._tutorial(is_optional=True),
            auto_complete_on_purchase=False,
            max_duration_days=10,
        )
        run = self._enrol(journey, person)
        self._process(0)
        self._buys(person, 1)
        run.invalidate_recordset()
        self.assertEqual((run.status, run.run_state), ("in_progress", "done"))
        self.assertEqual(self.runs._expire_left(NOON + timedelta(days=9)), 0)
        with self._at(3):
            self.assertTrue(run.complete_step("learn"))
        self.assertEqual(run.status, "completed")
        other = self._member()
        run = self._enrol(journey, other)
        self._process(4)
        self._buys(other, 5)
        moment = NOON + timedelta(days=10)
        self.assertEqual(self.runs._expire_left(moment), 1)
        self.assertEqual(self.runs._expire_left(moment), 0)
        self.assertEqual(run.status, "expired")
        self.assertEqual(self._row(other, self.shop).onboarding_status, "skipped")

    def test_what_takes_too_long_expires(self):
        person = self._member()
        journey = self._journey(self._mail(), self._task(), self._mail("late", 24 * 40))
        run = self._enrol(journey, person)
        self._process(1)
        self._process(24 * 40)
        run.invalidate_recordset()
        self.assertEqual((run.status, run.run_state), ("expired", "cancelled"))
        self.assertEqual(self._states(run)["late"], "pending")
        self.assertEqual(self._row(person, self.shop).onboarding_status, "skipped")
        self.assertEqual(
            self._types(person, "onboarding_expired"), ["onboarding_expired"]
        )
        with self._at(24 * 41):
            self.assertFalse(run.complete_step("tick"))

    def test_who_waits_behind_the_last_step_expires_on_the_day(self):
        journey = self._journey(self._task())
        run = self._enrol(journey, self._member())
        self._process(0)
        self.assertEqual(run.next_step_at, NOON + timedelta(days=30))
        self._process(24 * 30 - 1)
        self.assertEqual(run.status, "in_progress")
        journey.max_duration_days = 20
        run.invalidate_recordset()
        self.assertEqual(run.next_step_at, NOON + timedelta(days=20))
        self._process(24 * 30)
        run.invalidate_recordset()
        self.assertEqual(run.status, "expired")

    def test_all_left_out_is_skipped(self):
        run = self._enrol(self._journey(self._task(), self._tutorial()), self._member())
        self._process(0)
        with self._at(1):
            self.assertTrue(run.skip_step("tick", "no time"))
            self.assertTrue(run.skip_step("tick"))
            self.assertEqual(run.status, "in_progress")
            self.assertTrue(run.skip_step("learn"))
        self.assertEqual((run.status, run.run_state), ("skipped", "done"))
        row = run.completion_ids.filtered(lambda r: r.step_id == "tick")
        self.assertEqual(row.reason, "no time")

    def test_messages_that_must_not_go_out_are_left_out(self):
        person = self._person(agreed=False, email=False)
        self.lifecycle.sudo()._ensure(person, self.shop, NOON)
        run = self._enrol(self._journey(self._mail(), self._task()), person)
        self._process(1)
        self.assertEqual(self._states(run)["hello"], "skipped")
        row = run.completion_ids.filtered(lambda r: r.step_id == "hello")
        self.assertEqual(row.reason, "no_address")

    def test_a_message_that_staff_ticked_is_not_sent(self):
        run = self._enrol(self._journey(self._mail(), self._task()), self._member())
        with self._at(0):
            self.assertTrue(run.complete_step("hello"))
            self.assertTrue(run.complete_step("hello"))
        self._process(1)
        found = self.deliveries.search(
            [("run_model", "=", "customer.onboarding"), ("run_id", "=", run.id)]
        )
        self.assertEqual((found.state, found.reason), ("skipped", "by_hand"))
        self.assertEqual(run.completed_steps, ["hello"])

    def test_edited_while_customers_walk_it(self):
        journey = self._journey(self._mail(), self._task(), self._mail("tips", 48))
        first, second = (self._enrol(journey, self._member()) for _each in range(2))
        self._process(1)
        journey.steps = [
            self._mail(),
            self._mail("extra", 0),
            self._milestone("new"),
            self._mail("tips", 48),
        ]
        self.assertEqual(len(first.completion_ids), 3)
        with self._at(2):
            journey.action_move_runs()
        for run in (first, second):
            self.assertEqual(
                self._states(run),
                {
                    "hello": "completed",
                    "extra": "skipped",
                    "new": "pending",
                    "tips": "pending",
                },
            )
        self._process(49)
        self.assertEqual(self._states(first)["tips"], "completed")
        self.assertEqual(first.status, "in_progress")

    def test_a_merged_customer_walks_on(self):
        journey = self._journey(self._milestone(), self._task())
        lost, kept = self._member(), self._member()
        run = self._enrol(journey, lost)
        self._process(0)
        self._buys(kept, 1)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            [lost.id, kept.id], kept
        )
        with self._at(2):
            self._dispatch()
        run.invalidate_recordset()
        self.assertEqual((run.customer_id, run.status), (kept, "in_progress"))
        self.assertEqual(run.completed_steps, ["first"])
        self.assertEqual(self._row(kept, self.shop).onboarding_status, "in_progress")

    def test_whoever_of_a_firm_fills_in_the_details_does(self):
        journey = self._journey(self._milestone(target="profile_complete >= 1"))
        firm = self._member(is_company=True, email=False)
        contact = self._person(parent_id=firm.id, type="contact")
        run = self._enrol(journey, firm)
        self._process(0)
        self.assertEqual(run.status, "in_progress")
        country = self.env.ref("base.bd").id
        address = {"street": "Lake Road 7", "city": "Dhaka", "country_id": country}
        with self._at(1):
            contact.write({**address, "zip": "1212", "phone": "+8801712345678"})
            self._dispatch()
        run.invalidate_recordset()
        self.assertEqual(run.status, "completed")

    def test_a_subscription_counts_as_soon_as_it_begins(self):
        journey = self._journey(self._milestone(target="subscription_count >= 1"))
        person = self._member()
        run = self._enrol(journey, person)
        self._process(0)

        def source(rows, scope, now):
            return SQL(
                "SELECT l.customer_id, l.company_id, 1 AS subscription_count"
                " FROM customer_lifecycle l WHERE l.customer_id = %s",
                person.id,
            )

        rows = type(self.env["customer.lifecycle"])
        self.assertFalse(self._row(person, self.shop).subscription_count)
        with patch.object(rows, "_subscription_facts_query", source), self._at(1):
            runs = self.env["customer.onboarding"].sudo()
            runs._on_customers([person.id], self.shop, NOON + timedelta(hours=1))
        run.invalidate_recordset()
        self.assertEqual(run.status, "completed")

    def test_two_who_walk_the_same_become_one(self):
        journey = self._journey(
            self._milestone(),
            self._task(is_optional=True),
            auto_complete_on_purchase=False,
        )
        lost, kept = self._member(), self._member()
        runs = self._enrol(journey, lost, kept)
        self._process(0)
        self._buys(lost, 1)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            [lost.id, kept.id], kept
        )
        runs.invalidate_recordset()
        self.assertEqual(sorted(runs.mapped("status")), ["in_progress", "skipped"])

    def test_a_person_who_is_forgotten_leaves(self):
        person = self._member()
        run = self._enrol(self._journey(self._task()), person)
        self.engine.sudo()._anonymize_customer(person)
        run.invalidate_recordset()
        self.assertEqual((run.status, run.exit_reason), ("skipped", "erased"))

    def test_the_control_group_walks_in_silence(self):
        journey = self._journey(
            self._mail(), completion_template_id=self.template.id, holdout_percent=100
        )
        run = self._enrol(journey, self._member())
        self._process(1)
        self.assertEqual(self._states(run)["hello"], "skipped")
        self.assertEqual(run.status, "skipped")
        self.assertEqual(journey.total_started, 0)
        mine = [("customer_id", "=", run.customer_id.id)]
        lifecycle = self.env["customer.lifecycle"].sudo().search(mine)
        self.assertEqual(lifecycle.onboarding_status, "not_started")

    def test_a_batch_costs_the_same_for_many(self):
        journey = self._journey(
            self._milestone(),
            self._task(),
            self._milestone("second", "order_count >= 2"),
        )
        few = self._enrol(journey, *(self._member() for _each in range(2)))
        many = self._enrol(journey, *(self._member() for _each in range(30)))
        self._process(0)
        for run in few | many:
            self._order(run.customer_id, NOON, 10, self.shop)
        counts = []
        for runs in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            reached = self.runs._on_customers(
                runs.customer_id.ids, self.shop, NOON + timedelta(hours=1)
            )
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(reached), len(runs))
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    def test_hearing_twice_is_no_harm(self):
        person = self._member()
        run = self._enrol(self._journey(self._milestone()), person)
        self._process(0)
        self._buys(person, 1)
        again = self.runs._on_customers(person.ids, self.shop, NOON)
        self.assertEqual(again, [])
        self.assertEqual(
            self._types(person, "onboarding_completed"), ["onboarding_completed"]
        )
        self.assertEqual(run.status, "completed")
