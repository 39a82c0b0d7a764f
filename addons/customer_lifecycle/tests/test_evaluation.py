from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import NOW, LifecycleCommon

WEEKLY = tuple(range(0, 35, 7))


def weekly_since(day, orders=5):
    return tuple(day + 7 * number for number in range(orders))


@tagged("post_install", "-at_install")
class TestEvaluation(LifecycleCommon):
    def _stage_of(self, *days, age=None, **values):
        """Stage today of a new customer with these orders and row values."""
        customer = self._customer_of(*days)
        row = self._row(customer)
        if age is not None:
            self._signed_up(customer, NOW - timedelta(days=age))
        row.write(values)
        self.env.flush_all()
        self.engine.evaluate_customers(customer.ids, NOW)
        return row.current_stage

    def _assert_stages(self, cases):
        for stage, days, values in cases:
            with self.subTest(stage=stage, days=days, **values):
                self.assertEqual(self._stage_of(*days, **values), stage)

    def _versions(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT id, ctid::text FROM customer_lifecycle ORDER BY id")
        return dict(self.env.cr.fetchall())

    # ----------------------------------------------------------------------- rules
    def test_silence_moves_at_its_thresholds(self):
        cases = [(29, "active"), (30, "at_risk"), (59, "at_risk")]
        cases += [(60, "dormant"), (89, "dormant"), (90, "churned"), (3000, "churned")]
        self._assert_stages([(stage, (day,), {}) for day, stage in cases])

    def test_subscribers_are_never_dormant_churned_or_at_risk_by_silence(self):
        subscribed = {"has_active_subscription": True}
        source = (self.registry["customer.lifecycle"], "_subscription_facts_query")
        with patch.object(*source, lambda *args: None):
            self.policy.at_risk_engagement = 0
            self._assert_stages([("active", (40,), subscribed)])
            self.policy.at_risk_score = 1
            self._assert_stages([("active", (500,), subscribed)])

    def test_won_back_needs_a_silence_of_dormant_days_and_ends(self):
        cases = [("won_back", (90, 30), {}), ("at_risk", (91, 31), {})]
        cases += [("active", (88, 29), {}), ("won_back", (60, 0), {})]
        self._assert_stages(cases)

    def test_risk_is_silence_against_the_customers_own_rhythm(self):
        cases = [("active", weekly_since(17), {}), ("at_risk", weekly_since(18), {})]
        self._assert_stages(cases)

    def test_engagement_below_the_policy_is_a_risk(self):
        for limit, stage in ((36, "active"), (37, "at_risk")):
            self.policy.at_risk_engagement = limit
            self._assert_stages([(stage, (29,), {})])

    def test_onboarding_lasts_until_the_third_order_or_its_days(self):
        going = {"onboarding_status": "in_progress"}
        cases = [("onboarding", (20, 10), {"age": 30, **going})]
        cases += [("active", (20, 10), {"age": 31, **going})]
        cases += [("active", (20, 10, 9), {"age": 30, **going})]
        cases += [("active", (20, 10), {"age": 30, "onboarding_status": "completed"})]
        self._assert_stages(cases)

    def test_engaged_needs_share_and_a_recent_order(self):
        cases = [("engaged", weekly_since(6), {}), ("active", weekly_since(7), {})]
        cases += [("active", weekly_since(0, 4), {})]
        cases += [("engaged", (13, *range(20, 58, 2)), {})]
        cases += [("active", (14, *range(24, 62, 2)), {})]
        self._assert_stages(cases)

    def test_who_never_ordered_is_new_then_acquired_and_never_lapses(self):
        going = {"onboarding_status": "in_progress"}
        cases = [("onboarding", (), {"age": 30}), ("acquired", (), {"age": 31})]
        cases += [("onboarding", (), {"age": 31, **going})]
        cases += [("acquired", (), {"age": 3000})]
        for stage, _days, values in cases:
            with self.subTest(stage=stage, **values):
                customer = self._create_customer(customer_rank=1)
                self._signed_up(customer, NOW - timedelta(days=values["age"]))
                self._settle()
                row = self._row(customer)
                row.onboarding_status = values.get("onboarding_status", "not_started")
                self.engine.evaluate_customers(customer.ids, NOW)
                self.assertEqual(row.current_stage, stage)

    # ------------------------------------------------------------------------ pins
    def test_a_manual_stage_holds_for_the_policys_days_and_not_one_more(self):
        row = self._row(self._customer_of(5))
        row.update_stage("churned", "manual", {"note": "moved away"})
        self.assertEqual(row.stage_pinned_until, self._days_ago(-30))
        for day, stage in ((30, "churned"), (31, "at_risk")):
            self.engine.evaluate_customers(
                row.customer_id.ids, NOW + timedelta(days=day)
            )
            self.assertEqual(row.current_stage, stage)
        self.assertFalse(row.stage_pinned_until)

    def test_the_next_order_releases_a_manual_stage(self):
        customer = self._customer_of(5)
        self._row(customer).update_stage("churned", "manual")
        later = NOW + timedelta(hours=1)
        with freeze_time(later):
            self._order(customer)
            self._settle(later)
        row = self._row(customer)
        self.assertEqual((row.current_stage, row.stage_pinned_until), ("active", False))

    def test_other_triggers_do_not_pin(self):
        row = self._row(self._customer_of(5))
        self.assertTrue(row.update_stage("churned", "event"))
        self.assertFalse(row.stage_pinned_until)
        self._settle()
        self.assertEqual(row.current_stage, "active")

    def test_the_same_stage_is_no_move(self):
        customer = self._customer_of(5)
        moves = self._moves(customer)
        self.assertFalse(self._row(customer).update_stage("active", "manual"))
        self.assertEqual(self._moves(customer), moves)

    def test_unknown_stages_and_triggers_are_refused(self):
        row = self._row(self._customer_of(5))
        for arguments in (("gone",), (None,), ("churned", "magic")):
            with self.subTest(arguments), self.assertRaises(ValidationError):
                row.update_stage(*arguments)

    def test_details_that_json_cannot_hold_are_refused_before_anything_is_written(self):
        row = self._row(self._customer_of(5))
        for details in ({"x": float("nan")}, {"x": {1}}, [1], "text", {"note": 1}):
            with (
                self.subTest(details),
                self.assertRaisesRegex(ValidationError, "trigger_details"),
            ):
                row.update_stage("churned", "manual", details)
            self.assertEqual(row.current_stage, "active")

    # --------------------------------------------------------------------- writing
    def test_a_move_is_written_once_into_history_and_timeline(self):
        customer = self._customer_of(29)
        row = self._row(customer)
        moves = self._moves(customer)
        for _again in range(2):
            self._settle(NOW + timedelta(days=1))
        self.assertEqual(self._moves(customer), [*moves, ("active", "at_risk")])
        self.assertEqual(row.previous_stage, "active")
        last = self.history.search([("customer_id", "=", customer.id)], limit=1)
        details = last.trigger_details
        self.assertEqual(details["rule"], "at_risk")
        self.assertEqual(details["days_since_last_order"], 30)
        event = self.events.search([("event_key", "=", f"stage_changed:{last.id}")])
        self.assertEqual(event.data, {"from": "active", "to": "at_risk"})

    def test_evaluating_again_changes_nothing_and_writes_nothing(self):
        customers = self._customer_of(29) | self._customer_of(3) | self._customer_of()
        self.engine.evaluate_customers(customers.ids, NOW)
        self.engine.evaluate_all_customers(NOW)
        before = self._versions()
        self.assertEqual(self.engine.evaluate_all_customers(NOW), 0)
        self.assertEqual(self._versions(), before)

    def test_only_who_is_due_is_evaluated_by_the_job(self):
        due, rests = self._row(self._customer_of(28)), self._row(self._customer_of(15))
        moment = NOW + timedelta(days=2)
        ids = self.engine._due_ids(moment, 10_000)
        self.assertIn(due.id, ids)
        self.assertNotIn(rests.id, ids)
        before = self._versions()
        self._settle(moment)
        self.assertEqual(self._versions()[rests.id], before[rests.id])

    def test_the_next_evaluation_is_the_first_day_on_which_time_changes_anything(self):
        cases = [((3,), 4), ((8,), 6), ((15,), 7), ((29,), 1), ((58,), 2), ((400,), 7)]
        for days, ahead in cases:
            with self.subTest(days):
                row = self._row(self._customer_of(*days))
                self.assertEqual(row.next_evaluation_date, self._days_ago(-ahead))
                self.assertEqual(row.evaluated_on, self._days_ago(0))

    def test_nothing_moves_before_the_next_evaluation_date(self):
        """Day by day: whoever was not due has neither another stage nor score."""
        rows = self._rows(
            self._customer_of(1)
            | self._customer_of(20, 90)
            | self._customer_of(*WEEKLY)
        )
        for day in range(1, 100):
            moment = NOW + timedelta(days=day)
            before = {r: (r.current_stage, r.engagement_score) for r in rows}
            waiting = rows.filtered(
                lambda r, m=moment: r.next_evaluation_date > m.date()
            )
            self.engine.evaluate_customers(rows.customer_id.ids, moment)
            for row in waiting:
                now = (row.current_stage, row.engagement_score)
                self.assertEqual(now, before[row], f"{row.customer_id.name}, day {day}")

    def test_the_hook_is_called_once_per_batch_with_news_only(self):
        customers = self._customer_of(29) | self._customer_of(28) | self._customer_of(3)
        model = self.registry["customer.lifecycle"]
        with patch.object(model, "_on_stage_changed") as hook:
            scope = SQL("l.customer_id = ANY(%s)", customers.ids)
            for history in (True, False):
                later = NOW + timedelta(days=2 if history else 40)
                self.lifecycle._evaluate(scope, later, history=history)
            self.lifecycle._evaluate(scope, later)
        hook.assert_called_once()
        transitions = hook.call_args.args[-1]
        self.assertEqual(
            {t["customer_id"] for t in transitions}, set(customers.ids), transitions
        )
        self.assertEqual({t["to_stage"] for t in transitions}, {"dormant", "at_risk"})

    def test_trend_compares_with_thirty_days_earlier(self):
        cases = {"increasing": (40, 3), "stable": (400,), "decreasing": (31,)}
        for trend, days in cases.items():
            with self.subTest(trend):
                row = self._row(self._customer_of(*days))
                self.assertEqual(row.engagement_trend, trend)

    def test_scores_of_one_customer_by_hand(self):
        row = self._row(self._customer_of(10, 24))
        risk = (10 / 14) ** 2 / ((10 / 14) ** 2 + 4)
        self.assertEqual(row.engagement_score, 25 + 10)
        self.assertEqual(row.engagement_attainable, 55)
        self.assertAlmostEqual(row.churn_risk_score, risk, places=12)
        health = 100 * (0.4 * (1 - risk) + 0.3 * 35 / 55 + 0.2 * 0.5 + 0.1)
        self.assertEqual(row.health_score, round(health))

    def test_as_many_statements_for_fifty_customers_as_for_five(self):
        counts = []
        for number in (1, 5, 50):
            customers = self.env["res.partner"].union(
                *(self._create_customer() for _n in range(number))
            )
            for customer in customers:
                self._order(customer, NOW - timedelta(days=29))
            self._settle()
            ids = self._rows(customers).ids
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            moved = self.engine._evaluate_scope(
                SQL("l.id = ANY(%s)", ids), NOW + timedelta(days=1)
            )
            self.assertEqual(moved, number)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 4)
