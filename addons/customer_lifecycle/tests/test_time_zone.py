from datetime import date, datetime, timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW, LifecycleCommon


@tagged("post_install", "-at_install")
class TestTimeZone(LifecycleCommon):
    def _zone(self, name, company=None):
        (company or self.env.company).partner_id.tz = name

    def _counted(self, now, *moments, company=None):
        customer = self._create_customer()
        for moment in moments:
            self._order(customer, moment, company=company)
        with freeze_time(now):
            self._settle(now)
        return self._row(customer, company)

    def test_an_order_belongs_to_the_day_in_the_companys_zone(self):
        cases = [
            ("Asia/Dhaka", datetime(2040, 6, 1, 17, 59, 59), date(2040, 6, 1)),
            ("Asia/Dhaka", datetime(2040, 6, 1, 18, 0), date(2040, 6, 2)),
            ("America/New_York", datetime(2040, 6, 1, 3, 59, 59), date(2040, 5, 31)),
            ("America/New_York", datetime(2040, 6, 1, 4, 0), date(2040, 6, 1)),
            (False, datetime(2040, 6, 1, 23, 59, 59), date(2040, 6, 1)),
        ]
        for zone, moment, day in cases:
            with self.subTest(zone=zone, moment=str(moment)):
                self._zone(zone)
                self.assertEqual(self._counted(NOW, moment).last_order_date, day)

    def test_days_of_silence_change_at_the_companys_midnight(self):
        self._zone("Asia/Dhaka")
        row = self._counted(NOW, datetime(2040, 5, 16, 12))
        midnight = datetime(2040, 6, 14, 18)  # thirty days of silence begin
        for now, stage in (
            (midnight - timedelta(seconds=1), "active"),
            (midnight, "at_risk"),
        ):
            with self.subTest(now=str(now)):
                self.engine.evaluate_customers(row.customer_id.ids, now)
                self.assertEqual(row.current_stage, stage)

    def test_a_customer_touched_in_the_evening_is_due_at_once(self):
        """In New York it is still yesterday when UTC has turned the page."""
        self._zone("America/New_York")
        evening = datetime(2040, 6, 15, 2)
        with freeze_time(evening):
            row = self._counted(evening, evening - timedelta(hours=1))
        self.assertEqual(row.total_orders, 1)
        self.assertEqual(row.last_order_date, date(2040, 6, 14))

    def test_the_gap_counts_days_not_hours_when_clocks_are_put_forward(self):
        """11 March 2040, New York: the day has 23 hours."""
        self._zone("America/New_York")
        before = datetime(2040, 3, 11, 4, 30)  # 23:30 on the 10th
        after = datetime(2040, 3, 12, 4, 30)  # 00:30 on the 12th
        row = self._counted(datetime(2040, 3, 20), before, after)
        self.assertEqual(row.first_order_date, date(2040, 3, 10))
        self.assertEqual(row.last_order_date, date(2040, 3, 12))
        self.assertEqual(row.average_order_gap, 2)

    def test_the_day_lasts_25_hours_when_clocks_are_put_back(self):
        """4 November 2040, New York: 04:00 UTC to 05:00 UTC of the next day."""
        self._zone("America/New_York")
        first, last = datetime(2040, 11, 4, 4), datetime(2040, 11, 5, 4, 59, 59)
        row = self._counted(datetime(2040, 11, 20), first, last)
        self.assertEqual(row.first_order_date, row.last_order_date)
        self.assertFalse(row.average_order_gap)

    def test_one_moment_is_two_dates_in_two_companies(self):
        self._zone("America/New_York")
        dhaka = self._create_company("Asia/Dhaka")
        customer, moment = self._create_customer(), datetime(2040, 6, 1, 20)
        self._order(customer, moment)
        self._order(customer, moment, company=dhaka)
        self._settle()
        self.assertEqual(self._row(customer).last_order_date, date(2040, 6, 1))
        self.assertEqual(self._row(customer, dhaka).last_order_date, date(2040, 6, 2))

    def test_revenue_is_in_company_currency_at_the_orders_own_rate(self):
        euro = self.setup_other_currency("EUR", rates=[("2030-01-01", 0.5)])
        customer = self._create_customer()
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        order = self._order(customer, amount=100, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, euro)
        self._settle()
        self.assertEqual(self._row(customer).total_revenue, 200)
        euro.rate_ids.rate = 4
        self.engine.evaluate_customers(customer.ids, NOW)
        self.assertEqual(self._row(customer).total_revenue, 200, "the order's rate")

    def test_two_companies_count_in_their_own_currencies(self):
        euro = self.setup_other_currency("EUR", rates=[("2030-01-01", 0.5)])
        second = self._create_company("Asia/Dhaka", euro)
        customer = self._create_customer()
        self._order(customer, amount=100)
        self._order(customer, amount=30, company=second)
        self._settle()
        row = self._row(customer, second)
        self.assertEqual((row.currency_id, row.total_revenue), (euro, 30))
        self.assertEqual(self._row(customer).total_revenue, 100)

    def test_sign_up_is_dated_in_the_companys_zone(self):
        self._zone("Asia/Dhaka")
        customer = self._create_customer(customer_rank=1)
        self._signed_up(customer, datetime(2040, 6, 1, 19))
        self._settle()
        self.assertEqual(self._row(customer).customer_since, date(2040, 6, 2))

    def test_churned_at_is_midnight_of_the_companys_day(self):
        self._zone("Asia/Dhaka")
        row = self._counted(NOW, datetime(2040, 1, 1, 12))
        self.assertEqual(row.churned_at, datetime(2040, 3, 30, 18))
