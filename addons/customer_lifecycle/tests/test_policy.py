from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import NOW, LifecycleCommon

HISTORIES = [
    (1,),
    (12,),
    (26, 33, 40),
    (35,),
    (55, 70),
    (62,),
    (88, 100),
    (95,),
    (5, 70),
    (3, 48),
    (2, 10, 100),
    (9, 39, 69, 99),
    (28, 45, 150, 200),
    (70, 140, 210),
]


@tagged("post_install", "-at_install")
class TestPolicy(LifecycleCommon):
    def _pending(self):
        self.env.flush_all()
        return self.policy.evaluation_pending

    def test_thresholds_out_of_order_are_refused_with_both_values(self):
        for values in (
            {"at_risk_days": 60},
            {"dormant_days": 30},
            {"dormant_days": 90},
            {"churn_days": 60},
            {"at_risk_days": 0},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "out of order"),
                self.cr.savepoint(),
            ):
                self.policy.write(values)

    def test_values_out_of_range_are_refused_by_name(self):
        for name, (low, high) in self.policy._ranges().items():
            refusal = f"{self.policy._fields[name].string[:5]}|out of order"
            for value in (low - 1, high + 1):
                with (
                    self.subTest(name, value=value),
                    self.assertRaisesRegex(ValidationError, refusal),
                    self.cr.savepoint(),
                ):
                    self.policy.write({name: value})

    def test_every_company_has_its_policy(self):
        company = self._create_company()
        policy = self.policy.search([("company_id", "=", company.id)])
        self.assertEqual(len(policy), 1)
        self.assertEqual(self.policy._ensure(company), policy)

    def test_a_changed_threshold_makes_everybody_due(self):
        row = self._row(self._customer_of(20))
        self.policy.at_risk_days = 15
        self.assertTrue(self._pending())
        self.engine._release_policies()
        self._settle()
        self.assertEqual(row.current_stage, "at_risk")
        self.assertFalse(self._pending())

    def test_other_companies_are_not_made_due(self):
        second = self._create_company()
        customer = self._create_customer()
        self._order(customer, company=second)
        self._settle()
        self.policy.at_risk_days = 15
        self.engine._release_policies()
        self.assertTrue(self._row(customer, second).facts_on)

    def test_targets_and_snooze_days_make_nobody_due(self):
        self.policy.write({"evaluation_pending": False})
        self.policy.write({"retention_target": 50, "snooze_days": 3, "pin_days": 2})
        self.assertFalse(self._pending())

    def test_the_preview_is_what_evaluation_then_does(self):
        customers = self.env["res.partner"].union(
            *(self._customer_of(*days) for days in HISTORIES)
        )
        rows = self._rows(customers)
        rows[0].update_stage("churned", "manual")
        tries = [
            {"at_risk_days": 11},
            {"churn_days": 66},
            {"dormant_days": 45},
            {"dormant_days": 80, "churn_days": 200},
            {"rhythm_factor": 1.5},
            {"rhythm_factor": 2.0, "dormant_days": 40},
            {"won_back_days": 0, "engaged_score": 40},
            {"at_risk_score": 0.2, "median_gap": 10.0},
            {"at_risk_engagement": 60, "engaged_days": 3, "onboarding_days": 5},
        ]
        for values in tries:
            with self.subTest(values), self.cr.savepoint() as savepoint:
                self._assert_preview(rows, values)
                savepoint.rollback()
                self.env.invalidate_all()

    def _assert_preview(self, rows, values):
        before = {row: row.current_stage for row in rows}
        others = (
            self.lifecycle.search([("company_id", "=", self.env.company.id)]) - rows
        )
        self.assertFalse(others, "a database of the tests' own")
        matrix = self.engine.preview_policy(values)
        self.policy.write(values)
        self.engine._release_policies()
        self._settle()
        counted = {old: dict.fromkeys(matrix, 0) for old in matrix}
        for row in rows:
            counted[before[row]][row.current_stage] += 1
        self.assertEqual(matrix, counted)

    def test_the_preview_writes_nothing(self):
        row = self._row(self._customer_of(20))
        known = (row.read(), self.policy.read())
        self.engine.preview_policy({"dormant_days": 31, "rhythm_factor": 3.0})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((row.read(), self.policy.read()), known)

    def test_the_preview_refuses_what_the_policy_refuses(self):
        for values in (
            {"dormant_days": 10},
            {"colour": 3},
            {"churn_days": "many"},
            {"churn_days": True},
            ["churn_days"],
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.engine.preview_policy(values)

    def test_rhythm_stretches_the_thresholds_of_who_buys_seldom(self):
        row = self._row(self._customer_of(95, 195))
        self.assertEqual(row.current_stage, "churned")
        self.policy.rhythm_factor = 1.0
        self.engine._release_policies()
        self._settle()
        self.assertNotIn(row.current_stage, ("churned", "dormant"))

    def test_the_median_gap_is_measured_monthly(self):
        self._customer_of(5, 15), self._customer_of(5, 25), self._customer_of(5, 65)
        today = NOW.date()
        self.policy.median_gap_on = False
        self.policy._refresh_median_gap(today)
        self.assertEqual(self.policy.median_gap, 20)
        self._customer_of(5, 6)
        for days, gap in ((29, 20), (30, 15)):
            self.policy._refresh_median_gap(today + timedelta(days=days))
            self.assertEqual(self.policy.median_gap, gap)

    def test_nobody_with_a_gap_means_thirty_days(self):
        self.policy.write({"median_gap": 5, "median_gap_on": False})
        self.policy._refresh_median_gap(NOW.date())
        self.assertEqual(self.policy.median_gap, 30)
