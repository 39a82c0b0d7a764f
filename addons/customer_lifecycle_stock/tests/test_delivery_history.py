from datetime import date, datetime

from odoo.tests import tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestDeliveryHistory(DeliveryCommon):
    def setUp(self):
        super().setUp()
        self.engine = self.env["lifecycle.engine"]

    def _forget(self):
        """Take the database back to before the addon was installed."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            DELETE FROM lifecycle_event;
            UPDATE customer_lifecycle SET first_delivery_date = NULL;
            """
        )
        self.env.invalidate_all()

    def test_integrity_finds_and_repairs_a_wrong_first_delivery(self):
        self._deliver(self._create_order())
        self._settle()
        row = self._row(self.customer)
        right = row.first_delivery_date
        self.assertTrue(right)
        for wrong in (False, right.replace(year=right.year - 1)):
            row.first_delivery_date = wrong
            found = self.engine.check_integrity(repair=True)
            mine = [d for d in found if d["customer_id"] == self.customer.id]
            self.assertEqual(
                mine[0]["first_delivery_date"],
                [wrong and wrong.isoformat(), right.isoformat()],
            )
            self.assertEqual(row.first_delivery_date, right)
        self.assertFalse(self.engine.check_integrity())

    def test_backfill_equals_what_the_events_made(self):
        other = self._create_customer(name="Other")
        for partner in (self.customer, other):
            self._deliver(self._create_order(partner))
        self._deliver(self._create_order())
        self._settle()
        customers = self.customer | other
        before = [
            (self._row(c).first_delivery_date, sorted(self._event_types(c)))
            for c in customers
        ]
        self._forget()
        self.engine.backfill()
        after = [
            (self._row(c).first_delivery_date, sorted(self._event_types(c)))
            for c in customers
        ]
        self.assertEqual(after, before)
        self.assertTrue(before[0][0])

    def test_backfill_is_no_news(self):
        self._deliver(self._create_order(), datetime(2026, 1, 5, 8))
        self._deliver(self._create_order(), datetime(2026, 1, 7, 8))
        self._forget()
        self.engine.backfill()
        self.engine.backfill()
        self.assertFalse(self.events.search_count([("is_pending", "=", True)]))
        self.assertEqual(len(self._event_types()), 3)
        self.assertEqual(self._row().first_delivery_date, date(2026, 1, 5))

    def test_next_delivery_after_a_silent_first_one_is_not_first(self):
        self._deliver(self._create_order(), datetime(2026, 1, 5, 8))
        self._forget()
        # Not even the back-fill has run: an older delivery is known from the picking.
        self._deliver(self._create_order())
        self._settle()
        self.assertEqual(self._event_types(), ["delivery_done"])

    def test_backfill_leaves_news_on_its_way_alone(self):
        self._deliver(self._create_order())
        self.engine.backfill()
        self.assertEqual(self._event_types(), ["delivery_done"])
        self._settle()
        self.assertEqual(
            self._event_types(), ["delivery_done", "first_delivery_completed"]
        )

    def test_backfill_as_of_an_earlier_day(self):
        order = self._create_order(date_order=datetime(2026, 1, 1, 8))
        order.date_order = datetime(2026, 1, 1, 8)
        self._deliver(order, datetime(2026, 1, 5, 8))
        self._forget()
        self.engine.backfill("2026-01-04")
        self.assertFalse(self._row().first_delivery_date)
        self.assertFalse(self._event_types())
        self.engine.backfill("2026-01-05")
        self.assertEqual(self._row().first_delivery_date, date(2026, 1, 5))

    def test_day_is_the_companys(self):
        self.env.company.partner_id.tz = "Asia/Dhaka"
        self._deliver(self._create_order(), datetime(2026, 1, 5, 19))
        self._settle()
        self.assertEqual(self._row().first_delivery_date, date(2026, 1, 6))

    def test_redated_transfer_is_counted_again(self):
        picking = self._deliver(self._create_order(), datetime(2026, 1, 5, 8))
        self._settle()
        picking.date_done = datetime(2026, 1, 3, 8)
        self._settle()
        self.assertEqual(self._row().first_delivery_date, date(2026, 1, 3))

    def test_order_of_another_customer_takes_its_delivery_along(self):
        other = self._create_customer(name="Other")
        order = self._create_order()
        self._deliver(order)
        self._settle()
        order.partner_id = other
        self._settle()
        self.assertFalse(self._row().first_delivery_date)
        self.assertTrue(self._row(other).first_delivery_date)

    def test_merged_customer_keeps_the_earlier_first_delivery(self):
        other = self._create_customer(name="Other")
        self._deliver(self._create_order(other), datetime(2026, 1, 3, 8))
        self._deliver(self._create_order(), datetime(2026, 1, 5, 8))
        self._settle()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | other).ids, self.customer)
        self._settle()
        self.assertEqual(self._row().first_delivery_date, date(2026, 1, 3))
        self._deliver(self._create_order())
        self._settle()
        # Two persons had one each before they turned out to be one.
        self.assertEqual(self._event_types().count("first_delivery_completed"), 2)

    def test_first_delivery_of_a_merged_customer_is_told_once(self):
        other = self._create_customer(name="Other")
        self._deliver(self._create_order(other))
        self._settle()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | other).ids, self.customer)
        self.engine.backfill()
        self.assertEqual(self._event_types().count("first_delivery_completed"), 1)

    def test_companies_count_for_themselves(self):
        second = self.env["res.company"].create({"name": "Second"})
        self.env.user.company_ids |= second
        self._deliver(self._create_order(), datetime(2026, 1, 5, 8))
        self._deliver(self._create_order(company=second), datetime(2026, 1, 3, 8))
        self._settle()
        self.assertEqual(self._row().first_delivery_date, date(2026, 1, 5))
        self.assertEqual(
            self._row(company=second).first_delivery_date, date(2026, 1, 3)
        )
        for company in self.env.company | second:
            self.assertEqual(
                self._event_types(company_id=company.id),
                ["delivery_done", "first_delivery_completed"],
            )

    def test_cancelled_order_that_was_delivered_stays_delivered(self):
        order = self._create_order()
        self._deliver(order)
        self._settle()
        order._action_cancel()
        self._settle()
        self.assertTrue(self._row().first_delivery_date)

    def test_integrators_get_the_day(self):
        self._deliver(self._create_order(), datetime(2026, 1, 5, 8))
        self._settle()
        rows = self.engine.get_customers(order="id desc")
        row = next(r for r in rows if r["customer_id"] == self.customer.id)
        self.assertEqual(row["first_delivery_date"], "2026-01-05")
