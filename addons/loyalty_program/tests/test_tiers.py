from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import NOW, LoyaltyCommon

TIERS = [
    {"name": "Start", "code": "bronze", "min_points": 0},
    {"name": "Better", "code": "silver", "min_points": 100},
    {"name": "Best", "code": "gold", "min_points": 300},
]


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestTiers(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.tiers = TIERS
        cls.evaluation = cls.env["loyalty.tier.evaluation"]

    def _evaluate(self, account, moment):
        self.evaluation._evaluate(SQL("a.id = %s", account.id), moment)
        account.invalidate_recordset()
        return account.current_tier

    def test_lifetime_points_make_the_tier(self):
        account = self._member(email="a@example.com")
        self.assertEqual(
            (account.current_tier, account.next_tier_points), ("bronze", 100)
        )
        account.earn_points(120, "test")
        self.assertEqual(
            (account.current_tier, account.next_tier_points), ("silver", 180)
        )
        self.assertEqual(account.tier_qualified_at, NOW)
        account.redeem_points(110, "discount", 11)
        account.adjust_points(5000, "Sorry")
        self.assertEqual(account.current_tier, "silver")
        account.earn_points(180, "test")
        self.assertEqual((account.current_tier, account.next_tier_points), ("gold", 0))
        events = self._types(account.customer_id, "tier_changed")
        self.assertEqual(events, ["tier_changed", "tier_changed"])

    def test_reversed_earnings_lower_the_tier(self):
        account = self._member()
        order = self._buy(account, 150)
        self.assertEqual(account.current_tier, "silver")
        order._action_cancel()
        self.assertEqual(account.current_tier, "bronze")
        events = self._types(account.customer_id, "tier_changed")
        self.assertEqual(events, ["tier_changed"] * 2)

    def test_who_rises_is_told_and_who_falls_is_not(self):
        account = self._member(email="member@example.com")
        mails = self.env["mail.mail"]
        domain = [("res_id", "=", account.id), ("model", "=", "customer.loyalty")]
        order = self._buy(account, 150)
        self._dispatch()
        self.assertEqual(mails.search_count(domain), 1)
        self.assertIn("Better", mails.search(domain).body_html)
        order._action_cancel()
        self.assertEqual(mails.search_count(domain), 1)

    def test_points_of_a_rolling_window_with_grace(self):
        self.program.write(
            {
                "tier_basis": "rolling",
                "tier_window_months": 12,
                "tier_grace_days": 30,
            }
        )
        account = self._member()
        account.earn_points(120, "test")
        self.assertEqual(
            (account.current_tier, account.next_tier_points), ("silver", 180)
        )
        closes = datetime(2041, 6, 15, 12)
        self.assertEqual(self._evaluate(account, closes - timedelta(1)), "silver")
        late = closes + timedelta(days=1)
        self.assertEqual(self._evaluate(account, late), "silver")
        self.assertEqual(account.tier_grace_until, late + timedelta(days=30))
        self.assertEqual(self._evaluate(account, late + timedelta(days=29)), "silver")
        self.assertEqual(self._evaluate(account, late + timedelta(days=30)), "bronze")
        self.assertFalse(account.tier_grace_until)
        self.assertEqual(account.points_lifetime, 120)

    def test_who_earns_again_within_the_grace_keeps_the_tier(self):
        self.program.write({"tier_basis": "rolling", "tier_window_months": 1})
        account = self._member()
        account.earn_points(120, "test")
        later = NOW + timedelta(days=40)
        self._evaluate(account, later)
        self.assertTrue(account.tier_grace_until)
        with freeze_time(later):
            account.earn_points(100, "test")
        self.assertEqual(self._evaluate(account, later), "silver")
        self.assertFalse(account.tier_grace_until)
        self.assertEqual(self._evaluate(account, later + timedelta(days=20)), "silver")

    def test_points_of_the_calendar_year(self):
        self.program.write({"tier_basis": "calendar", "tier_grace_days": 0})
        account = self._member()
        account.earn_points(120, "test")
        self.assertEqual(self._evaluate(account, datetime(2040, 12, 31)), "silver")
        self.assertEqual(self._evaluate(account, datetime(2041, 1, 1)), "bronze")

    def test_the_year_begins_in_january_where_the_shop_is(self):
        self.program.write({"tier_basis": "calendar", "tier_grace_days": 0})
        self.shop.partner_id.tz = "Asia/Dhaka"
        late, early = self._member(), self._member()
        with freeze_time("2040-12-31 17:59:00"):
            late.earn_points(120, "test")
        with freeze_time("2040-12-31 18:00:00"):
            early.earn_points(120, "test")
        december = datetime(2041, 12, 31, 17)
        self.assertEqual(self._evaluate(late, december), "bronze")
        self.assertEqual(self._evaluate(early, december), "silver")
        self.assertEqual(self._evaluate(early, december + timedelta(days=1)), "bronze")

    def test_what_is_taken_back_counts_when_it_was_earned(self):
        self.program.write({"tier_basis": "rolling", "tier_window_months": 1})
        account = self._member()
        order = self._buy(account, 150)
        later = NOW + timedelta(days=60)
        with freeze_time(later):
            account.earn_points(120, "test")
            order._action_cancel()
        self.assertEqual(self._evaluate(account, later), "silver")
        self.assertEqual(account.next_tier_points, 180)
        self.assertFalse(account.tier_grace_until)

    def test_the_grace_begins_when_points_of_the_window_are_taken_back(self):
        self.program.write({"tier_basis": "rolling", "tier_grace_days": 30})
        account = self._member()
        order = self._buy(account, 120)
        self.assertEqual(
            (account.current_tier, account.next_tier_points), ("silver", 180)
        )
        order._action_cancel()
        self.assertEqual(
            (account.current_tier, account.next_tier_points), ("silver", 300)
        )
        self.assertEqual(account.tier_grace_until, NOW + timedelta(days=30))

    def test_a_basis_that_changes_counts_at_once(self):
        account = self._member()
        account.earn_points(120, "test")
        self.program.tier_basis = "rolling"
        with freeze_time(NOW + timedelta(days=400)):
            account.earn_points(190, "test")
        self.assertEqual(account.points_lifetime, 310)
        self.assertEqual(account.current_tier, "silver")

    def test_thresholds_that_change_are_followed_at_night(self):
        account = self._member(150)
        self.program.tiers = [TIERS[0], {**TIERS[1], "min_points": 200}]
        self.assertEqual(self._evaluate(account, NOW), "bronze")
        self.assertEqual(account.next_tier_points, 50)
        self.program.tiers = [TIERS[0], {**TIERS[1], "min_points": 90}]
        self.assertEqual(self._evaluate(account, NOW), "silver")

    def test_tiers_may_overtake_each_other_while_they_are_written(self):
        lifted = [TIERS[0], {**TIERS[1], "min_points": 400}]
        self.program.tiers = [*lifted, {**TIERS[2], "min_points": 800}]
        self.program.tiers = [TIERS[0], {**TIERS[1], "min_points": 900}]
        self.assertEqual(self.program.tier_ids.mapped("min_points"), [0, 900])
        silver = self.program.tier_ids[1]
        with self.assertRaisesRegex(ValidationError, "min_points"):
            silver.min_points = 0
        with self.assertRaisesRegex(ValidationError, "min_points"):
            self.program.tier_ids = [Command.update(silver.id, {"min_points": 0})]
        with self.assertRaisesRegex(ValidationError, "min_points"):
            silver.with_context(loyalty_tiers=True).min_points = 0

    def test_the_night_tells_many_in_as_few_statements(self):
        def counted(number):
            self.program.tiers = [TIERS[0], {**TIERS[1], "min_points": 1000}]
            for each in range(number):
                self._member(500, email=f"{number}.{each}@example.com")
            self.program.tiers = [TIERS[0], {**TIERS[1], "min_points": 400}]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            moved = self.evaluation._evaluate(SQL("a.active"), NOW)
            self.env.flush_all()
            self.assertEqual(len(moved), number)
            return self.env.cr.sql_log_count - before

        counted(2)
        few, many = counted(3), counted(30)
        self.assertLessEqual(many, few + 10)

    def test_the_night_takes_as_few_statements_for_many(self):
        for _each in range(30):
            self._member(50)
        self.env.flush_all()
        with self.assertQueryCount(6):
            self.evaluation._evaluate(SQL("a.active"), NOW)

    def test_the_lifecycle_sums_up_the_accounts_of_contacts(self):
        firm = self._member(is_company=True)
        contact = self._create_customer(parent_id=firm.customer_id.id)
        account = self.accounts.sudo()._enroll(self.program, contact, NOW)
        self._buy(account, 120)
        firm.earn_points(30, "test")
        self._settle()
        row = self._row(firm.customer_id)
        self.assertEqual(row.loyalty_tier, "silver")
        self.assertEqual((row.loyalty_points, row.loyalty_points_lifetime), (150, 150))
        self.assertEqual(row.engagement_attainable, 65)
        # One order of today, and the tier.
        self.assertEqual(row.engagement_score, 30 + 5 + 5)
        account.adjust_points(-20, "Mistake")
        self._settle()
        self.assertEqual(self._row(firm.customer_id).loyalty_points, 130)
        self.assertFalse(self._integrity(firm.customer_id))

    def test_the_timeline_tells_of_every_row(self):
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 50)
        self._claim(order, account)
        order.action_confirm()
        order._action_cancel()
        account.adjust_points(5, "Sorry")
        found = [t for t in self._types(account.customer_id) if t.startswith("points_")]
        self.assertEqual(
            found,
            [
                "points_earned",
                "points_redeemed",
                "points_earned",
                "points_returned",
                "points_reversed",
                "points_adjusted",
            ],
        )

    def test_the_timeline_is_that_of_the_orders_company(self):
        """Companies share a program; whoever confirms works for several."""
        second = self.env["res.company"].create({"name": "Second"})
        self.env.user.company_ids += second
        currency = self.shop.currency_id.id
        program = self._program(company_id=False, currency_id=currency)
        account = self._member(program=program)
        orders = self.env["sale.order"].with_company(second)
        line = {"product_id": self.product.id, "price_unit": 40, "tax_ids": False}
        order = orders.create(
            {"partner_id": account.customer_id.id, "order_line": [Command.create(line)]}
        )
        both = [self.shop.id, second.id]
        order.with_context(allowed_company_ids=both).action_confirm()
        self.assertEqual((account.points_balance, order.company_id), (40, second))
        row = self.transactions.search([("loyalty_id", "=", account.id)])
        event = self.env["lifecycle.event"].search(
            [("res_model", "=", "loyalty.transaction"), ("res_id", "=", row.id)]
        )
        self.assertEqual(event.company_id, second)
