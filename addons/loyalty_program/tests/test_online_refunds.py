from odoo.tests import freeze_time, tagged

from .common import NOW
from .referral_common import ReferralCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOnlineRefunds(ReferralCommon):
    """Money that the payment provider gives back takes the points along."""

    def _give_back(self, order, paid, amount):
        refund = self._transaction(
            order, -amount, operation="refund", source_transaction_id=paid.id
        )
        refund._set_done()
        self._dispatch()
        return refund

    def test_part_and_whole(self):
        account = self._member()
        order = self._create_order(account.customer_id, None, 100)
        paid = self._pay(order)
        if order.state != "sale":
            order.action_confirm()
        self.assertEqual(account.points_balance, 100)
        self._give_back(order, paid, 30)
        self.assertEqual(account.points_balance, 70)
        self._give_back(order, paid, 70)
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_the_credit_note_that_follows_takes_nothing_more(self):
        account = self._member()
        order = self._create_order(account.customer_id, None, 100)
        paid = self._pay(order)
        if order.state != "sale":
            order.action_confirm()
        invoice = self._invoice(order)
        self._give_back(order, paid, 40)
        self.assertEqual(account.points_balance, 60)
        self._refund(invoice, 40)
        self.assertEqual(account.points_balance, 60)
        self._assert_sound(account)
