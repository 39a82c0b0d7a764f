from datetime import date, datetime, timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon

RULES = [
    {"type": "signup", "points": 25},
    {"type": "review", "points": 50},
    {"type": "birthday", "points": 200},
    {"type": "anniversary", "points": 70},
]


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOccasions(LoyaltyCommon):
    """What earns beside orders, once each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.earning_rules = RULES
        cls.occasions = cls.env["loyalty.occasion"]

    def _credit(self, moment):
        return self.occasions._credit_occasions(moment)

    def _review(self, account, value=5, product=None):
        product = product or self.product.product_tmpl_id
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(product._name),
                "res_id": product.id,
                "partner_id": account.customer_id.id,
                "rating": value,
            }
        )
        rating.consumed = True

    def test_who_joins_gets_a_bonus_once_ever(self):
        account = self._member()
        self.assertEqual(self._rows_of(account), [("earn", 25)])
        found = self.service.enroll_customer(account.customer_id.id)
        self.assertEqual((found["created"], found["balance"]), (False, 25))
        self.assertEqual(self._rows_of(account), [("earn", 25)])

    def test_birthdays(self):
        account = self._member()
        account.customer_id.birthday = date(1990, 6, 15)
        other = self._member()
        other.customer_id.birthday = date(1990, 6, 16)
        self.assertEqual(self._credit(NOW), 1)
        self.assertEqual(self._credit(NOW), 0)
        self.assertEqual(self._rows_of(account)[1:], [("earn", 200)])
        self.assertEqual(self._credit(NOW + timedelta(days=3)), 1)
        self.assertEqual(self._credit(NOW.replace(year=2041)), 1 + 2)
        self._assert_sound(account, other)

    def test_a_tier_gives_more_on_the_birthday(self):
        bonus = {"type": "birthday_bonus", "value": 50}
        self.program.tiers = [
            {"name": "Start", "code": "bronze", "min_points": 0},
            {
                "name": "B",
                "code": "silver",
                "min_points": 1000,
                "benefits": [bonus],
            },
        ]
        plain, better = self._member(), self._member(1000)
        for account in (plain, better):
            account.customer_id.birthday = date(1990, 6, 15)
        self.assertEqual(self._credit(NOW), 2)
        self.assertEqual(self._rows_of(plain)[-1], ("earn", 200))
        self.assertEqual(self._rows_of(better)[-1], ("earn", 250))
        # Without a rule it is the tier alone that gives something.
        self.program.earning_rules = []
        self.assertEqual(self._credit(NOW.replace(year=2041)), 1)
        self.assertEqual(self._rows_of(better)[-1], ("earn", 50))
        self._assert_sound(plain, better)

    def test_the_29th_of_february(self):
        account = self._member()
        account.customer_id.birthday = date(1992, 2, 29)
        account.joined_at = datetime(2040, 7, 1)
        self.assertEqual(self._credit(datetime(2041, 2, 27)), 0)
        self.assertEqual(self._credit(datetime(2041, 2, 28)), 1)
        self.assertEqual(self._credit(datetime(2041, 3, 1)), 0)
        self.assertEqual(self._credit(datetime(2044, 2, 28)), 0)
        self.assertEqual(self._credit(datetime(2044, 2, 29)), 1)

    def test_anniversaries_begin_after_a_year(self):
        account = self._member()
        self.assertEqual(self._credit(NOW), 0)
        self.assertEqual(self._credit(NOW.replace(year=2041)), 1)
        self.assertEqual(self._rows_of(account)[1:], [("earn", 70)])

    def test_a_review_earns_once_per_product(self):
        account = self._member()
        self._order(account.customer_id, NOW, 1)
        before = len(self._rows_of(account))
        for value in (5, 4):
            self._review(account, value)
        self.assertEqual(self._rows_of(account)[before:], [("earn", 50)])

    def test_a_product_and_its_variant_are_reviewed_once(self):
        for products in (
            (self.product.product_tmpl_id, self.product),
            (self.product, self.product.product_tmpl_id),
        ):
            account = self._member()
            self._order(account.customer_id, NOW, 1)
            before = len(self._rows_of(account))
            for product in products:
                self._review(account, product=product)
            self.assertEqual(self._rows_of(account)[before:], [("earn", 50)])

    def test_a_variant_that_earned_before_earns_no_more(self):
        account = self._member()
        self._order(account.customer_id, NOW, 1)
        key = f"review:product.product:{self.product.id}"
        account._earn_by_rule("review", "rating.rating", 1, key, NOW)
        before = len(self._rows_of(account))
        self._review(account)
        self.assertEqual(self._rows_of(account)[before:], [])

    def test_reviews_of_what_was_not_bought_earn_nothing(self):
        account, other = self._member(), self._member()
        self._order(other.customer_id, NOW, 1)
        before = len(self._rows_of(account))
        self._review(account)
        self.assertEqual(self._rows_of(account)[before:], [])

    # ----------------------------------------------------------------------- limits
    def test_birthdays_trip_limits_as_orders_do(self):
        self.program.daily_earning_cap = 300
        account, other = self._member(), self._member()
        for each in (account, other):
            each.customer_id.birthday = date(1990, 6, 15)
        other.earn_points(90, "test")
        earned = other.points_balance
        self._credit(NOW)
        self._credit(NOW)
        self.assertEqual(self._rows_of(account)[-1][0], "earn")
        self.assertEqual(other.points_balance, earned)
        held = other.pending_ids
        self.assertEqual(held.state, "held")
        self.assertIn("300", held.reason)
        self.env["loyalty.review"].create(
            {"pending_ids": held.ids, "reason": "Known"}
        ).action_reject()
        self._credit(NOW)
        self.assertEqual(other.points_balance, earned)
        self._assert_sound(account | other)

    def test_often_is_often_for_birthdays_too(self):
        self.program.write({"velocity_limit": 1, "velocity_hours": 24})
        account = self._member()
        account.customer_id.birthday = date(1990, 6, 15)
        self._credit(NOW)
        self.assertEqual(account.pending_ids.mapped("state"), ["held"])

    def test_a_batch_repays_debts_first_and_moves_tiers(self):
        self.program.tiers = [
            {"name": "Start", "code": "bronze", "min_points": 0},
            {"name": "Better", "code": "silver", "min_points": 100},
        ]
        account = self._member()
        order = self._buy(account, 90)
        self.program.points_per_currency = 1
        order = self._buy(account, 80)
        account.redeem_points(90, "discount", 9)
        order._action_cancel()
        self.assertEqual(account.points_debt, 65)
        account.customer_id.birthday = date(1990, 6, 15)
        self._credit(NOW)
        self.assertEqual((account.points_debt, account.points_balance), (0, 135))
        self.assertEqual(account.current_tier, "silver")
        self._assert_sound(account)

    def test_a_batch_takes_as_few_statements_for_many(self):
        for _each in range(40):
            self._member().customer_id.birthday = date(1990, 6, 15)
        self.env.flush_all()
        with self.assertQueryCount(16):
            self.assertEqual(self._credit(NOW), 40)

    def _occasion_points(self, account):
        self.env.flush_all()
        self.env.invalidate_all()
        keys = ("birthday:", "anniversary:")
        rows = account.transaction_ids.filtered(
            lambda row: (row.idempotency_key or "").startswith(keys)
        )
        return sum(rows.mapped("points"))

    def test_a_birthday_that_is_moved_over_new_year_is_one(self):
        for days in ((12, 31), (1, 1)), ((1, 1), (12, 31)):
            with self.subTest(first=days[0]):
                account = self._member()
                customer = account.customer_id
                for moment, day in zip(
                    (datetime(2040, 12, 31, 12), datetime(2041, 1, 1, 12)),
                    ((12, 31), (1, 1)),
                    strict=True,
                ):
                    customer.birthday = date(1990, *day)
                    self._credit(moment)
                customer.birthday = date(1990, *days[0])
                self._credit(datetime(2041, 1, 2, 12))
                self.assertEqual(self._occasion_points(account), 200)

    def test_next_years_birthday_counts_also_after_one_that_was_late(self):
        account = self._member()
        account.customer_id.birthday = date(1990, 12, 31)
        self._credit(datetime(2041, 1, 5, 12))
        self._credit(datetime(2041, 12, 31, 12))
        self.assertEqual(self._occasion_points(account), 400)

    def test_a_birthday_before_joining_is_none(self):
        account, other = self._member(), self._member()
        account.customer_id.birthday = (NOW - timedelta(days=5)).replace(year=1990)
        other.customer_id.birthday = NOW.replace(year=1990)
        self._credit(NOW)
        self.assertEqual(self._occasion_points(account), 0)
        self.assertEqual(self._occasion_points(other), 200)

    def test_an_anniversary_is_that_of_the_local_day(self):
        self.shop.partner_id.tz = "Asia/Dhaka"
        account = self._member()
        # The 10th where the shop is.
        account.joined_at = datetime(2025, 3, 9, 20)
        self._credit(datetime(2026, 3, 9, 6))
        self.assertEqual(self._occasion_points(account), 0)
        self._credit(datetime(2026, 3, 10, 6))
        self.assertEqual(self._occasion_points(account), 70)
