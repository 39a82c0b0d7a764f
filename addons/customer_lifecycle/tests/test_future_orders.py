from datetime import timedelta

from odoo.tests import tagged

from .common import NOW, LifecycleCommon


@tagged("post_install", "-at_install")
class TestFutureOrders(LifecycleCommon):
    def _at(self, days):
        return NOW + timedelta(days=days)

    def test_an_order_of_the_future_does_not_count_yet(self):
        customer = self._create_customer()
        self._order(customer, self._at(3))
        self._settle()
        row = self._row(customer)
        self.assertRecordValues(
            row,
            [
                {
                    "total_orders": 0,
                    "total_revenue": 0,
                    "last_order_date": False,
                    "next_order_date": self._days_ago(-3),
                    "next_evaluation_date": self._days_ago(-3),
                    "days_since_last_order": 999,
                }
            ],
        )

    def test_it_counts_by_itself_when_its_day_comes(self):
        customer = self._create_customer()
        self._order(customer, self._at(3), 25)
        self._settle()
        self._settle(self._at(2))
        self.assertEqual(self._row(customer).total_orders, 0)
        self._settle(self._at(3))
        row = self._row(customer)
        self.assertEqual((row.total_orders, row.total_revenue), (1, 25))
        self.assertFalse(row.next_order_date)
        types = self._types(customer, "first_order_placed")
        self.assertEqual(types, ["first_order_placed"])

    def test_the_earliest_of_several_comes_first(self):
        customer = self._customer_of(10)
        for days in (9, 4, 30):
            self._order(customer, self._at(days))
        self._settle()
        self.assertEqual(self._row(customer).next_order_date, self._days_ago(-4))
        self._settle(self._at(4))
        self.assertEqual(self._row(customer).total_orders, 2)
        self.assertEqual(self._row(customer).next_order_date, self._days_ago(-9))

    def test_later_today_counts_today(self):
        customer = self._create_customer()
        self._order(customer, NOW.replace(hour=23))
        self._settle()
        self.assertEqual(self._row(customer).total_orders, 1)

    def test_integrity_agrees_before_and_after(self):
        customer = self._create_customer()
        self._order(customer, self._at(3))
        self._settle()
        self.assertFalse(self._integrity(customer))

    def test_backfill_as_of_the_past_leaves_later_orders_out(self):
        customer = self._create_customer()
        for days in (50, 20, 5):
            self._order(customer, NOW - timedelta(days=days))
        self.engine.backfill(self._at(-30))
        row = self._row(customer)
        self.assertEqual(row.total_orders, 1)
        self.assertEqual(row.next_order_date, self._days_ago(20))
        self.engine.backfill(NOW)
        self.assertEqual(row.total_orders, 3)
        self.assertFalse(self._integrity(customer))

    def test_explain_foresees_nothing_beyond_an_order_dated_ahead(self):
        customer = self._customer_of(5)
        self._order(customer, self._at(3))
        self._settle()
        self.assertFalse(self.engine.explain(customer.id)["next_change"])
