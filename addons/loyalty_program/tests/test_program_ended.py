from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, RULES
from .refund_common import RefundCommon

EVENTS = [
    *RULES,
    {"type": "signup", "points": 50},
    {"type": "birthday", "points": 20},
    {"type": "referral", "points": 5},
]


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestProgramEnded(RefundCommon):
    """Beyond its dates a program gives and sells nothing; what it owes is owed."""

    def _end(self):
        self.program.date_to = NOW.date() - timedelta(days=2)

    def test_nothing_is_earned(self):
        self.program.earning_rules = EVENTS
        self._end()
        account = self._member()
        account.customer_id.birthday = NOW.date().replace(year=1990)
        self._buy(account, 100)
        self.env["loyalty.occasion"]._credit_occasions(NOW)
        self.assertFalse(account.transaction_ids)
        self.assertFalse(self.program._referral_rule())
        with self.assertRaisesRegex(ValidationError, "ended"):
            account.earn_points(10, "test")

    def test_the_last_day_is_a_day_of_the_program(self):
        self.program.earning_rules = EVENTS
        self.program.date_to = NOW.date()
        self.assertEqual(self._member().points_balance, 50)

    def test_a_program_that_has_not_begun_earns_nothing(self):
        self.program.earning_rules = EVENTS
        self.program.date_from = NOW.date() + timedelta(days=1)
        self.assertEqual(self._member().points_balance, 0)

    def test_the_cart_and_the_catalogue_refuse_alike(self):
        account = self._member(100)
        self._end()
        order = self._create_order(account.customer_id, None, 50)
        order._update_programs_and_rewards()
        self.assertFalse(order._get_claimable_rewards())
        self.assertFalse(account._catalogue()[0]["is_open"])
        with self.assertRaisesRegex(ValidationError, "cannot be redeemed now"):
            account._redeem_reward(self.program.reward_ids)
        self.assertEqual(account.points_balance, 100)

    def test_nobody_joins(self):
        self._end()
        customer = self._create_customer()
        with self.assertRaisesRegex(ValidationError, "ended"):
            self.service.enroll_customer(customer.id, self.program.code)
        user = new_test_user(self.env, "late_guest", "base.group_portal")
        self.assertNotIn(self.program, self.accounts._joinable(user))

    def test_points_expire_and_orders_are_taken_back(self):
        account = self._member(30)
        order = self._buy(account, 100)
        invoice = self._invoice(order)
        self._end()
        self._refund(invoice)
        self.assertEqual(account.points_balance, 30)
        self.env["loyalty.expiry"].sudo()._expire_all(NOW + timedelta(days=400))
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)
