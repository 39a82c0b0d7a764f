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
        for value in (5, 4):
            rating = self.env["rating.rating"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("product.template"),
                    "res_id": self.product.product_tmpl_id.id,
                    "partner_id": account.customer_id.id,
                    "rating": value,
                }
            )
            rating.consumed = True
        self.assertEqual(self._rows_of(account)[1:], [("earn", 50)])

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
