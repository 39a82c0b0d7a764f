from datetime import date

from odoo import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import SubscriptionCommon

# (kind, interval, price) and what a month brings.
MONTHLY_REVENUE = [
    (("days", 1, 2.0), 60.88),  # 365.25 / 12 days
    (("days", 3, 2.0), 20.29),
    (("weeks", 1, 7.0), 30.44),
    (("weeks", 2, 7.0), 15.22),
    (("months", 1, 30.0), 30.0),
    (("months", 3, 30.0), 10.0),
    (("years", 1, 120.0), 10.0),
    (("years", 2, 120.0), 5.0),
    (("months", 0, 30.0), 30.0),  # subscription_oca reads no interval as one
]


@tagged("post_install", "-at_install")
class TestSubscriptionFacts(SubscriptionCommon):
    def test_revenue_is_normalised_to_a_month(self):
        for (kind, interval, price), expected in MONTHLY_REVENUE:
            with self.subTest(kind=kind, interval=interval):
                customer = self._create_customer()
                template = self._create_template(kind, interval)
                self._start(price, partner_id=customer.id, template_id=template.id)
                self._settle()
                self.assertAlmostEqual(self._row(customer).subscription_mrr, expected)

    def test_facts_of_a_subscriber(self):
        with freeze_time("2026-03-01 12:00:00"):
            self._start()
            self._settle()
        with freeze_time("2026-03-10 12:00:00"):
            self._start(12.5)
            self._settle()
        self.assertRecordValues(
            self._row(),
            [
                {
                    "has_active_subscription": True,
                    "subscription_count": 2,
                    "subscription_mrr": 42.5,
                    "first_subscription_date": date(2026, 3, 1),
                    "last_renewal_date": False,
                }
            ],
        )

    def test_integrity_finds_and_repairs_wrong_facts(self):
        self._start(12.5)
        self._settle()
        row = self._row()
        self.assertFalse(self.engine.check_integrity())
        row.write({"subscription_mrr": 99, "subscription_count": 7})
        (found,) = self.engine.check_integrity(repair=True)
        self.assertEqual(found["customer_id"], self.customer.id)
        self.assertEqual(found["subscription_mrr"], [99, 12.5])
        self.assertEqual(found["subscription_count"], [7, 1])
        self.assertNotIn("total_orders", found)
        self.assertEqual((row.subscription_mrr, row.subscription_count), (12.5, 1))
        self.assertFalse(self.engine.check_integrity())

    def test_subscription_of_a_contact_is_the_commercial_customers(self):
        contact = self._create_customer(parent_id=self.customer.id, type="contact")
        self._start(partner_id=contact.id)
        self._settle()
        self.assertTrue(self._row().has_active_subscription)
        self.assertFalse(self._row(contact))

    def test_only_running_subscriptions_count(self):
        running, paused, closed, archived = (self._start() for _number in range(4))
        self._create_subscription()
        paused.action_pause()
        closed.close_subscription()
        archived.active = False
        self._settle()
        self.assertEqual(self._row().subscription_count, 1)
        self.assertEqual(self._row().subscription_mrr, 30.0)
        running.close_subscription()
        self._settle()
        self.assertRecordValues(
            self._row(),
            [
                {
                    "has_active_subscription": False,
                    "subscription_count": 0,
                    "subscription_mrr": 0.0,
                    "first_subscription_date": running.date_start,
                }
            ],
        )

    def test_resumed_subscription_counts_again(self):
        subscription = self._start()
        subscription.action_pause()
        self._settle()
        self.assertFalse(self._row().has_active_subscription)
        subscription.action_resume()
        self._settle()
        self.assertTrue(self._row().has_active_subscription)

    def test_changed_line_changes_the_revenue(self):
        subscription = self._start()
        line = subscription.sale_subscription_line_ids
        for values, expected in (
            ({"price_unit": 40.0}, 40.0),
            ({"product_uom_qty": 2}, 80.0),
            ({"discount": 50.0}, 40.0),
        ):
            line.write(values)
            self._settle()
            self.assertEqual(self._row().subscription_mrr, expected, values)
        extra = {"product_id": self.milk.id, "price_unit": 5.0}
        subscription.sale_subscription_line_ids = [Command.create(extra)]
        self._settle()
        self.assertEqual(self._row().subscription_mrr, 45.0)
        line.unlink()
        self._settle()
        self.assertEqual(self._row().subscription_mrr, 5.0)

    def test_changed_template_changes_everybodys_revenue(self):
        other = self._create_customer()
        self._start()
        self._start(partner_id=other.id)
        self._settle()
        self.monthly.recurring_interval = 2
        self._settle()
        self.assertEqual(self._row().subscription_mrr, 15.0)
        self.assertEqual(self._row(other).subscription_mrr, 15.0)

    def test_companies_in_their_own_currencies(self):
        second = self._second_company()
        foreign = self._create_pricelist(second.currency_id)
        self._start(30.0, pricelist_id=foreign.id)
        self._start(
            30.0,
            company_id=second.id,
            pricelist_id=self._create_pricelist(self.company.currency_id).id,
        )
        self._settle()
        # 2 foreign for 1 of ours in our books, 4 of ours for 1 in theirs.
        self.assertEqual(self._row().subscription_mrr, 15.0)
        self.assertEqual(self._row(company=second).subscription_mrr, 7.5)

    def test_rate_is_that_of_the_start(self):
        second = self._second_company()
        rates = self.env["res.currency.rate"]
        values = {"currency_id": second.currency_id.id, "company_id": self.company.id}
        rates.create([{**values, "name": "2026-02-01", "rate": 3.0}])
        rates.create([{**values, "name": "2026-03-05", "rate": 5.0}])
        foreign = self._create_pricelist(second.currency_id)
        with freeze_time("2026-03-01 12:00:00"):
            self._start(30.0, pricelist_id=foreign.id)
        with freeze_time("2026-03-10 12:00:00"):
            self._settle()
        self.assertEqual(self._row().subscription_mrr, 10.0)
        expected = second.currency_id._convert(
            30.0, self.company.currency_id, self.company, date(2026, 3, 1)
        )
        self.assertEqual(self._row().subscription_mrr, expected)

    def test_integrators_get_the_dates(self):
        self._start()
        self._settle()
        row = self._row()._api_values()[0]
        self.assertEqual(row["first_subscription_date"], row["customer_since"])
        self.assertIn("last_renewal_date", row)

    def test_many_customers_cost_no_more_statements(self):
        customers = self.env["res.partner"]
        for _number in range(12):
            customers |= self._create_customer()
        for customer in customers:
            self._start(partner_id=customer.id)
        self._dispatch()
        rows = self.env["customer.lifecycle"].search(
            [("customer_id", "in", customers.ids)]
        )
        one, many = self._count_queries(rows[0]), self._count_queries(rows)
        self.assertEqual(one, many)
        self.assertEqual(set(rows.mapped("subscription_count")), {1})

    def _count_queries(self, rows):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.env["customer.lifecycle"]._refresh_facts(
            SQL("l.id = ANY(%s)", rows.ids), self.engine._clock().now
        )
        return self.env.cr.sql_log_count - before

    def _second_company(self):
        """A company whose currency is worth half of ours, and thinks otherwise."""
        currency = self.env["res.currency"].create(
            {"name": "DKT", "symbol": "D", "rounding": 0.01}
        )
        second = self.env["res.company"].create(
            {"name": "Second", "currency_id": currency.id}
        )
        self.env.user.company_ids |= second
        rates = self.env["res.currency.rate"].sudo()
        rates.create(
            [
                {
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "name": "2020-01-01",
                    "rate": 2.0,
                },
                {
                    "currency_id": self.company.currency_id.id,
                    "company_id": second.id,
                    "name": "2020-01-01",
                    "rate": 4.0,
                },
            ]
        )
        return second
