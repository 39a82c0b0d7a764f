from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestDue(LoyaltyCommon):
    """What has expired is not spent, though the nightly job has not booked it yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._member()
        with freeze_time(NOW - timedelta(days=367)):
            cls.account.earn_points(60, "test")
        with freeze_time(NOW - timedelta(days=340)):
            cls.account.earn_points(40, "test")

    def test_what_has_expired_is_not_shown(self):
        found = self.service.get_balance(self.account.customer_id.id)
        self.assertEqual(found["balance"], 40)
        self.assertEqual([part["points"] for part in found["expiring"]], [40])
        self.assertEqual(self.account.points_expiring, 40)
        (offer,) = self.account._catalogue()
        self.assertEqual((offer["missing"], offer["is_open"]), (60, False))
        expiring = self.service.get_dashboard(self.program.id)["expiring"]
        self.assertEqual((expiring["points"], expiring["months"][0]["points"]), (40, 0))
        # Looking changes nothing.
        self.assertEqual(self.account.points_balance, 100)

    def test_what_has_expired_is_not_redeemed(self):
        self.assertIs(self.account.redeem_points(41, "product", 4), False)
        self.assertEqual(self.account.points_balance, 40)
        self.assertEqual(self.account.points_expired, 60)
        self.assertIs(self.account.redeem_points(40, "product", 4), True)
        self._assert_sound(self.account)

    def test_what_has_expired_is_not_transferred(self):
        friend = self._member()
        customer = friend.customer_id
        for move in (
            lambda: self.account.transfer_points(customer.id, 41),
            lambda: self.account._give(friend.referral_code, 41, "key"),
        ):
            with (
                self.assertRaisesRegex(ValidationError, "40.0 are there"),
                self.env.cr.savepoint(),
            ):
                move()
        self.account.transfer_points(customer.id, 40)
        self.assertEqual((self.account + friend).mapped("points_balance"), [0, 40])
        self._assert_sound(self.account, friend)

    def test_what_has_expired_buys_no_code_and_pays_no_reward(self):
        with (
            self.assertRaisesRegex(ValidationError, "40.0 are there"),
            self.env.cr.savepoint(),
        ):
            self.account._redeem_reward(self.program.reward_ids)
        order = self._create_order(self.account.customer_id, None, 200)
        self.assertIn("error", self._claim(order, self.account))
        self.assertEqual(self.account.points_balance, 40)
        self.assertFalse(order.order_line.filtered("reward_id"))

    def test_a_merge_loses_nothing_that_is_due(self):
        into = self._member()
        self.accounts._merge_into(self.account.customer_id, into.customer_id)
        self.assertEqual((into.points_balance, into._spendable()), (100, 40))
        self._assert_sound(self.account, into)

    def test_looking_for_what_is_due_takes_one_query(self):
        member = self._member(50)
        self.env.flush_all()
        with self.assertQueryCount(1):
            member._expire_due(NOW)
        self.assertEqual(member.points_balance, 50)
        (member + self.account)._expire_due(NOW)
        found = (member + self.account).mapped("points_balance")
        self.assertEqual(found, [50, 40])
        self._assert_sound(member, self.account)
