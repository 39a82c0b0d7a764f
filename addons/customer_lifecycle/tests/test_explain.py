from datetime import date, datetime, time, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, LifecycleCommon

HISTORIES = [
    (0,),
    (3, 10, 17),
    (8, 100),
    (29,),
    (31, 40),
    (59,),
    (61,),
    (20, 85),
    (200,),
]


@tagged("post_install", "-at_install")
class TestExplain(LifecycleCommon):
    def test_it_tells_stage_rule_and_a_sentence_with_the_facts(self):
        told = self.engine.explain(self._customer_of(42).id)
        self.assertEqual((told["stage"], told["rule"]), ("at_risk", "at_risk"))
        self.assertEqual(told["facts"]["days_since_last_order"], 42)
        self.assertEqual(told["facts"]["total_orders"], 1)
        self.assertEqual(told["thresholds"]["churn_days"], 90)
        churned = self.engine.explain(self._customer_of(95).id)
        self.assertEqual(churned["why"], "No order for 95 days")

    def test_days_are_named_as_people_name_them(self):
        self.env["lifecycle.policy"].search([]).engaged_score = 100
        for days, why in ((0, "today"), (1, "yesterday"), (2, "2 days ago")):
            told = self.engine.explain(self._customer_of(days).id)
            self.assertEqual(told["why"], f"Ordered {why}")

    def test_a_customer_of_another_selected_company_is_explained_too(self):
        other = self._create_company("Asia/Dhaka")
        customer = self._create_customer()
        self._order(customer, NOW - timedelta(days=95), company=other)
        self._settle()
        both = self.env.company + other
        engine = self.engine.with_context(allowed_company_ids=both.ids)
        told = engine.explain(customer.id)
        self.assertEqual((told["company_id"], told["stage"]), (other.id, "churned"))
        self._order(customer, NOW)
        self._settle()
        self.assertEqual(engine.explain(customer.id)["company_id"], both[0].id)
        alone = self.engine.with_context(allowed_company_ids=self.env.company.ids)
        self.assertEqual(alone.explain(customer.id)["stage"], "active")

    def test_every_rule_has_its_sentence(self):
        for days in HISTORIES:
            with self.subTest(days):
                why = self.engine.explain(self._customer_of(*days).id)["why"]
                self.assertTrue(why)
                self.assertNotIn("%", why)

    def test_the_parts_sum_up_to_score_and_attainable(self):
        for days in HISTORIES:
            with self.subTest(days):
                told = self.engine.explain(self._customer_of(*days).id)
                parts = told["score_parts"]
                points = sum(part["points"] for part in parts)
                attainable = sum(part["attainable"] for part in parts)
                self.assertEqual(points, told["engagement_score"])
                self.assertEqual(attainable, told["engagement_attainable"])

    def test_what_it_tells_is_what_evaluation_stored(self):
        for days in HISTORIES:
            with self.subTest(days):
                customer = self._customer_of(*days)
                told, row = self.engine.explain(customer.id), self._row(customer)
                self.assertEqual(told["stage"], row.current_stage)
                self.assertEqual(told["engagement_score"], row.engagement_score)
                self.assertEqual(told["churn_risk_score"], row.churn_risk_score)
                self.assertEqual(told["health_score"], row.health_score)

    def test_the_next_change_happens_on_its_day_and_not_before(self):
        for days in HISTORIES:
            customer = self._customer_of(*days)
            row, change = self._row(customer), None
            change = self.engine.explain(customer.id)["next_change"]
            with self.subTest(days, change=change):
                stage = row.current_stage
                if not change:
                    self.assertEqual(stage, "churned")
                    continue
                day = datetime.combine(date.fromisoformat(change["date"]), time(1))
                self.engine.evaluate_customers(customer.ids, day - timedelta(days=1))
                self.assertEqual(row.current_stage, stage)
                self.engine.evaluate_customers(customer.ids, day)
                self.assertEqual(row.current_stage, change["stage"])

    def test_the_next_change_of_a_pinned_customer_is_the_end_of_the_pin(self):
        customer = self._customer_of(5)
        self._row(customer).update_stage("churned", "manual")
        told = self.engine.explain(customer.id)
        self.assertEqual(told["rule"], "pinned")
        day = self._days_ago(-31).isoformat()
        self.assertEqual(told["next_change"]["date"], day)
        self.assertEqual(told["next_change"]["stage"], "at_risk")

    def test_the_next_change_in_another_zone_is_the_day_there(self):
        self.env.company.partner_id.tz = "Pacific/Auckland"
        customer = self._customer_of(29)
        change = self.engine.explain(customer.id)["next_change"]
        day = date.fromisoformat(change["date"])
        noon_utc = datetime.combine(day, time(12)) - timedelta(days=1)
        row = self._row(customer)
        for moment, stage in (
            (noon_utc - timedelta(hours=1), "active"),
            (noon_utc, "at_risk"),
        ):
            self.engine.evaluate_customers(customer.ids, moment)
            self.assertEqual(row.current_stage, stage)

    def test_it_explains_today_not_the_day_of_the_last_evaluation(self):
        customer = self._customer_of(29)
        with freeze_time(NOW + timedelta(days=1)):
            told = self.engine.explain(customer.id)
        self.assertEqual((told["stage"], told["current_stage"]), ("at_risk", "active"))

    def test_without_a_row_there_is_nothing_to_explain(self):
        self.assertEqual(self.engine.explain(self._create_customer().id), {})
        self.assertEqual(
            self.engine.calculate_engagement_score(self._create_customer().id), 50
        )

    def test_unknown_and_merged_customers_are_named(self):
        with self.assertRaisesRegex(ValidationError, "2147483000"):
            self.engine.explain(2147483000)
