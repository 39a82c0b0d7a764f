from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestGiftCap(LoyaltyCommon):
    """What is given away on a day counts like what is redeemed on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.daily_redemption_cap = 150
        cls.giver, cls.friend = cls._member(500), cls._member()

    def _send(self, points):
        return self.giver.transfer_points(self.friend.customer_id.id, points)

    def test_gifts_and_redemptions_share_the_cap(self):
        self._send(100)
        for move in (
            lambda: self._send(51),
            lambda: self.giver._give(self.friend.referral_code, 51, "key"),
            lambda: self.giver.redeem_points(51, "product", 5),
        ):
            with (
                self.assertRaisesRegex(
                    ValidationError,
                    "150 a day may be redeemed or transferred, 100 have been",
                ),
                self.env.cr.savepoint(),
            ):
                move()
        self.assertTrue(self.giver.redeem_points(30, "product", 3))
        self.assertEqual(self._send(20), 350)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._send(1)
        with freeze_time(NOW + timedelta(days=1)):
            self._send(150)
        self._assert_sound(self.giver, self.friend)

    def test_who_gets_points_may_redeem_up_to_the_own_cap(self):
        self._send(150)
        self.assertTrue(self.friend.redeem_points(150, "product", 15))

    def test_a_cart_counts_what_was_given_away(self):
        self._send(100)
        order = self._create_order(self.giver.customer_id, None, 300)
        self.assertIn("150 a day", self._claim(order, self.giver)["error"])

    def test_a_merge_is_no_gift(self):
        self.accounts._merge_into(self.giver.customer_id, self.friend.customer_id)
        self.assertEqual(self.friend.points_balance, 500)
        self.assertTrue(self.friend.redeem_points(150, "product", 15))

    def test_taking_over_a_debt_is_no_gift(self):
        order = self._buy(self.friend, 80)
        self.friend.redeem_points(60, "product", 6)
        order._action_cancel()
        self.accounts._merge_into(self.friend.customer_id, self.giver.customer_id)
        self.assertEqual(self.giver.points_balance, 440)
        # What the friend redeemed today counts; the debt that came along does not.
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.giver.redeem_points(91, "product", 9)
        self.assertTrue(self.giver.redeem_points(90, "product", 9))
        self._assert_sound(self.giver, self.friend)
