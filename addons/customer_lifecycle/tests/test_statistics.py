from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, LifecycleCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestStatistics(LifecycleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A company of their own: figures are of everybody in it.
        cls.shop = cls._create_company()
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.shop.ids}
        )
        cls.engine = cls.env["lifecycle.engine"]
        cls.stats = cls.env["lifecycle.daily.stat"]
        marketer = new_test_user(
            cls.env,
            "marketer",
            "customer_lifecycle.group_lifecycle_user",
            company_id=cls.shop.id,
            company_ids=[Command.set(cls.shop.ids)],
        )
        cls.dashboard = cls.engine.with_user(marketer)

    def _stat(self, day=NOW):
        domain = [("company_id", "=", self.shop.id), ("date", "=", day.date())]
        rows = self.stats.search(domain)
        return {row.stage: (row.customers, row.revenue) for row in rows}

    def _kpis(self, date_from, date_to):
        found = self.dashboard.get_dashboard(date_from, date_to)["kpis"]
        return {kpi["key"]: (kpi["value"], kpi["previous"]) for kpi in found}

    def _live(self, orders, until=NOW):
        """Let customers order on their days before ``until``, and evaluate daily.

        :param orders: {customer: days before ``until``}
        """
        for ago in range(max(map(max, orders.values())), -1, -1):
            moment = until - timedelta(days=ago)
            with freeze_time(moment):
                for customer, days in orders.items():
                    if ago in days:
                        self._order(customer, moment)
                self._settle(moment)

    # ----------------------------------------------------------------- daily stats
    def test_the_day_has_every_stage_with_customers_and_revenue(self):
        self._customer_of(3, amount=30), self._customer_of(4), self._customer_of(70)
        self.stats._update(NOW)
        found = self._stat()
        self.assertEqual(len(found), 8)
        self.assertEqual(found["active"], (2, 40))
        self.assertEqual(found["dormant"], (1, 10))
        self.assertEqual(found["engaged"], (0, 0))

    def test_counting_again_on_the_same_day_replaces(self):
        self.stats._update(NOW)
        self._customer_of(3)
        self.stats._update(NOW)
        self.stats._update(NOW)
        self.assertEqual(self._stat()["active"], (1, 10))

    def test_yesterday_stays_as_it_was(self):
        self._customer_of(29)
        self.stats._update(NOW)
        self._settle(NOW + DAY)
        self.stats._update(NOW + DAY)
        self.assertEqual(self._stat(NOW)["active"][0], 1)
        self.assertEqual(self._stat(NOW + DAY)["active"][0], 0)
        self.assertEqual(self._stat(NOW + DAY)["at_risk"][0], 1)

    def test_the_archived_count_in_no_rate_and_in_no_cohort(self):
        kept, gone = self._customer_of(3, 40), self._customer_of(3, 40)
        self._created(kept + gone, NOW - 30 * DAY)
        before = self.dashboard._moves(NOW - 2 * DAY, NOW - DAY, NOW + DAY)
        gone.active = False
        self.env.flush_all()
        after = self.dashboard._moves(NOW - 2 * DAY, NOW - DAY, NOW + DAY)
        self.assertEqual((before["stayed"], after["stayed"]), (2, 1))
        cohorts = self.env["lifecycle.cohort.stat"]
        sizes = []
        for active in (True, False):
            gone.active = active
            self.env.flush_all()
            cohorts._update(NOW)
            found = cohorts.search([("company_id", "=", self.shop.id)])
            sizes.append(set(found.mapped("customers")))
        self.assertEqual(sizes, [{2}, {1}])

    def _created(self, customers, moment):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_lifecycle SET create_date = %s"
            " WHERE customer_id = ANY(%s)",
            [moment, customers.ids],
        )

    def test_behind_the_revenue_are_the_customers_of_all_contacts(self):
        firm = self._create_customer(is_company=True)
        branch = self._create_customer(parent_id=firm.id)
        clerk = self._create_customer(parent_id=branch.id)
        self._order(clerk, NOW - DAY)
        elsewhere = self._create_company()
        other = self._create_customer()
        self._order(other, NOW - DAY, company=elsewhere)
        self._order(other, NOW - 50 * DAY)
        self._settle()
        cards = self.dashboard.get_dashboard(NOW.date() - 9 * DAY, NOW.date())["kpis"]
        domain = next(card["domain"] for card in cards if card["key"] == "revenue")
        rows = self.dashboard.env["customer.lifecycle"].search(domain)
        self.assertEqual(rows.customer_id, firm)
        self.assertEqual(rows.order_ids.partner_id, clerk)

    def test_the_archived_are_not_counted(self):
        self._customer_of(3).active = False
        self.stats._update(NOW)
        self.assertEqual(self._stat()["active"], (0, 0))

    def test_the_day_is_the_companys(self):
        self.shop.partner_id.tz = "Asia/Dhaka"
        self.stats._update(datetime(2040, 6, 15, 19))
        self.assertTrue(self._stat(datetime(2040, 6, 16)))
        self.assertFalse(self._stat(datetime(2040, 6, 15)))

    # --------------------------------------------------------------------- cohorts
    def _cohorts(self):
        self.env["lifecycle.cohort.stat"]._update(NOW)
        return {
            cohort["cohort"]: (cohort["customers"], cohort["active"])
            for cohort in self.dashboard.get_dashboard()["cohorts"]
        }

    def test_cohorts_against_a_table_made_by_hand(self):
        signups = [
            (datetime(2040, 1, 10), [datetime(2040, 1, 15), datetime(2040, 3, 3)]),
            (datetime(2040, 1, 31, 23), [datetime(2040, 2, 2), datetime(2040, 2, 9)]),
            (datetime(2040, 4, 1), [datetime(2040, 6, 15, 11), datetime(2040, 7, 1)]),
        ]
        for signup, orders in signups:
            customer = self._create_customer(customer_rank=1)
            self._signed_up(customer, signup)
            for moment in orders:
                self._order(customer, moment)
        self._settle()
        expected = {
            "2040-01-01": (2, [0.5, 0.5, 0.5, 0, 0, 0]),
            "2040-04-01": (1, [0, 0, 1]),
        }
        self.assertEqual(self._cohorts(), expected)
        self.assertEqual(self._cohorts(), expected, "again")

    # ------------------------------------------------------------------------ KPIs
    def test_retention_and_win_back_count_customers(self):
        gone, back, late, loyal = (self._create_customer() for _n in range(4))
        self._live(
            {
                gone: [100],
                back: [100, 20],
                late: [100, 5],
                loyal: [100, 80, 60, 40, 20, 5],
            }
        )
        kpis = self._kpis(NOW.date() - 29 * DAY, NOW.date())
        self.assertEqual(kpis["retention"], (50.0, 100.0))
        self.assertEqual(kpis["winback"], (66.7, 0.0))
        behind = self._behind(NOW.date() - 29 * DAY, NOW.date())
        self.assertEqual(behind["retention"], gone | late)
        self.assertEqual(behind["winback"], back | late)
        self.assertEqual(behind["revenue"], back | late | loyal)

    def _behind(self, *period):
        """Return the customers behind the cards, as a click lists them."""
        rows = self.dashboard.env["customer.lifecycle"]
        return {
            kpi["key"]: rows.search(kpi["domain"]).customer_id
            for kpi in self.dashboard.get_dashboard(*period)["kpis"]
            if kpi["domain"]
        }

    def test_who_leaves_and_returns_twice_counts_once(self):
        wavering, loyal = self._create_customer(), self._create_customer()
        weekly = list(range(0, 301, 20))
        self._live({wavering: [300, 200, 100], loyal: weekly})
        kpis = self._kpis(NOW.date() - 299 * DAY, NOW.date())
        self.assertEqual(kpis["retention"][0], 50.0)
        self.assertEqual(kpis["winback"][0], 100.0)

    def test_before_anybody_was_known_there_is_nothing_to_measure(self):
        self._live({self._create_customer(): [10]})
        kpis = self._kpis(NOW.date() - 365 * DAY, NOW.date())
        self.assertEqual(kpis["retention"], (False, False))
        self.assertEqual(kpis["winback"], (False, False))

    def test_what_was_at_stake_earlier_is_not_known(self):
        self._customer_of(40)
        value, previous = self._kpis(NOW.date() - 29 * DAY, NOW.date())[
            "revenue_at_risk"
        ]
        self.assertGreater(value, 0)
        self.assertIs(previous, False)

    def test_revenue_belongs_to_the_companys_days(self):
        self.shop.partner_id.tz = "Asia/Dhaka"
        customer = self._create_customer()
        self._order(customer, datetime(2040, 6, 9, 17, 59), 1)
        self._order(customer, datetime(2040, 6, 9, 18, 0), 10)
        self._order(customer, datetime(2040, 6, 10, 17, 59), 100)
        self._order(customer, datetime(2040, 6, 10, 18, 0), 1000)
        day = date(2040, 6, 10)
        self.assertEqual(self._kpis(day, day)["revenue"], (110.0, 1.0))

    def test_bounds_are_those_of_the_companys_days(self):
        self.shop.partner_id.tz = "Asia/Dhaka"
        self.assertEqual(
            self.dashboard.get_bounds("2040-02-28", "2040-02-29"),
            ["2040-02-27 18:00:00", "2040-02-29 18:00:00"],
        )
        self.shop.partner_id.tz = "America/New_York"  # to summer time on the 11th
        self.assertEqual(
            self.dashboard.get_bounds("2040-03-11", "2040-03-11"),
            ["2040-03-11 05:00:00", "2040-03-12 04:00:00"],
        )

    def test_new_customers_are_those_of_the_period(self):
        for days in (1, 5, 12):
            customer = self._create_customer(customer_rank=1)
            self._signed_up(customer, NOW - timedelta(days=days))
        self._settle()
        day = NOW.date()
        self.assertEqual(self._kpis(day - 6 * DAY, day)["new_customers"], (2, 1))

    def test_onboarding_completion_is_of_those_who_started(self):
        for status in ("completed", "completed", "in_progress", "skipped"):
            row = self._row(self._customer_of(3))
            row.write({"onboarding_status": status, "onboarding_started_at": NOW})
        day = NOW.date()
        completion = self._kpis(day, day)["onboarding_completion"]
        self.assertEqual(completion, (50.0, False))

    # ---------------------------------------------------------------------- charts
    def test_the_flow_counts_moves_of_the_period(self):
        first, second = self._create_customer(), self._create_customer()
        self._live({first: [40], second: [40]})
        flow = self.dashboard.get_dashboard(NOW.date() - 20 * DAY, NOW.date())["flow"]
        self.assertEqual(flow, [{"from": "active", "to": "at_risk", "count": 2}])

    def test_the_funnel_narrows(self):
        self._create_customer(customer_rank=1)
        self._customer_of(70), self._customer_of(3), self._customer_of(1, 8, 15, 22, 29)
        funnel = self.dashboard.get_dashboard()["funnel"]
        self.assertEqual([step["count"] for step in funnel], [4, 3, 2, 1])
        for step in funnel:
            rows = self.dashboard.env["customer.lifecycle"]
            found = rows.search_count(step["domain"])
            self.assertEqual(found, step["count"])

    def test_stages_and_trend_are_of_this_company(self):
        self._customer_of(3)
        self._order(self._create_customer(), NOW, company=self.company)
        self._settle()
        self.stats._update(NOW)
        dashboard = self.dashboard.get_dashboard()
        stages = {row["stage"]: row["customers"] for row in dashboard["stages"]}
        self.assertEqual((stages["active"], sum(stages.values())), (1, 1))
        self.assertEqual(dashboard["trend"][-1]["customers"]["active"], 1)

    def test_a_period_must_be_one(self):
        for period in (("2040-02-01", "2040-01-01"), ("soon", None), (None, 7)):
            with self.subTest(period), self.assertRaises(ValidationError):
                self.dashboard.get_dashboard(*period)

    def test_the_daily_job_writes_both_tables(self):
        self._customer_of(3)
        with self.enter_registry_test_mode():
            cron = self.env.ref("customer_lifecycle.ir_cron_lifecycle_statistics")
            cron.method_direct_trigger()
        self.assertEqual(self._stat()["active"][0], 1)
        self.assertTrue(self.dashboard.get_dashboard()["cohorts"])
