from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestSwitchedOff(LoyaltyCommon):
    """A program that is switched off is at rest; its books may be corrected."""

    def _moves(self, account, friend):
        return {
            "earn": lambda: account.earn_points(5, "test"),
            "redeem": lambda: account.redeem_points(5, "discount", 1),
            "transfer": lambda: account.transfer_points(friend.customer_id.id, 5),
            "give": lambda: account._give(friend.referral_code, 5, "key"),
        }

    def test_points_rest_while_the_program_is_switched_off(self):
        account, friend = self._member(100), self._member()
        for switch in ("is_active", "active"):
            self.program[switch] = False
            for name, move in self._moves(account, friend).items():
                with (
                    self.subTest(name, switch=switch),
                    self.assertRaisesRegex(
                        ValidationError, f"{self.program.name} is switched off"
                    ),
                    self.env.cr.savepoint(),
                ):
                    move()
            self.program[switch] = True
        self.assertEqual((account + friend).mapped("points_balance"), [100, 0])
        for move in self._moves(account, friend).values():
            move()
        self._assert_sound(account, friend)

    def test_books_are_corrected_and_lots_expire_all_the_same(self):
        account = self._member(100)
        order = self._buy(account, 30)
        self.program.is_active = False
        self.assertEqual(account.adjust_points(-10, "Mistake"), 120)
        order._action_cancel()
        self.assertEqual(account.points_balance, 90)
        self.env["loyalty.expiry"]._expire_all(NOW + timedelta(days=400))
        account.invalidate_recordset()
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)
