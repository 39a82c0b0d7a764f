from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import NOW, LifecycleCommon


@tagged("post_install", "-at_install")
class TestHighValue(LifecycleCommon):
    """High value is a share of the customers, not an amount of some currency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._create_company("Asia/Dhaka")
        cls.customers = [cls._create_customer() for _n in range(10)]
        for number, customer in enumerate(cls.customers, 1):
            cls._order(customer, NOW, 100 * number, cls.company)
        cls._create_customer(company_id=cls.company.id, customer_rank=1)
        cls._settle()
        cls.policy = cls.env["lifecycle.policy"]._ensure(cls.company)

    def _found(self, operator="="):
        domain = [("company_id", "=", self.company.id)]
        return self.lifecycle.search([*domain, ("is_high_value", operator, True)])

    def test_the_top_fifth_by_revenue(self):
        self.policy._measure_high_value()
        self.assertEqual(self.policy.high_value_from, 800)
        expected = self.env["res.partner"].union(*self.customers[7:])
        self.assertEqual(self._found().customer_id, expected)
        self.assertTrue(all(self._found().mapped("is_high_value")))
        self.assertFalse(any(self._found("!=").mapped("is_high_value")))
        self.assertEqual(len(self._found("!=")), 8)

    def test_another_share_is_measured_at_once(self):
        for share, count in ((100, 10), (50, 6), (1, 1)):
            self.policy.high_value_share = share
            self.assertEqual(len(self._found()), count, share)

    def test_without_revenue_nobody_is_of_high_value(self):
        self.env["sale.order"].search(
            [("company_id", "=", self.company.id)]
        )._action_cancel()
        self._settle()
        self.policy._measure_high_value()
        self.assertEqual(self.policy.high_value_from, 0)
        self.assertFalse(self._found())
        self.assertEqual(len(self._found("!=")), 11)

    def test_the_daily_job_measures(self):
        self.policy._measure_high_value()
        self._order(self.customers[0], NOW, 9000, self.company)
        self._settle()
        cron = self.env.ref("customer_lifecycle.ir_cron_lifecycle_statistics")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.policy.invalidate_recordset()
        self.assertEqual(self.policy.high_value_from, 900)

    def test_a_share_out_of_range_is_refused(self):
        for share in (0, 101, -5):
            with self.assertRaisesRegex(ValidationError, "between 1 and 100"):
                self.policy.high_value_share = share
