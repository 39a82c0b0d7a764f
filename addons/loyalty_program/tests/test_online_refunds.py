from odoo import Command
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

    def test_the_credit_note_says_how_much_of_the_goods_the_money_was_for(self):
        """Ten at 2, of which points pay 10; five come back, which cost 10."""
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 2)
        order.order_line.product_uom_qty = 10
        order.order_line.price_unit = 2
        self._claim(order, account)
        paid = self._pay(order)
        if order.state != "sale":
            order.action_confirm()
        self.assertEqual(order.amount_total, 10)
        earned = account.points_balance
        refund = self._invoice(order)._reverse_moves([{}])
        good = refund.invoice_line_ids.filtered(lambda l: l.price_unit > 0)
        rest = refund.invoice_line_ids - good
        refund.invoice_line_ids = [
            Command.update(good.id, {"quantity": 5}),
            *(Command.delete(line.id) for line in rest),
        ]
        refund.action_post()
        half = (50, 50 + earned / 2)
        self.assertEqual((account.points_redeemed, account.points_balance), half)
        self._give_back(order, paid, 10)
        self.assertEqual((account.points_redeemed, account.points_balance), half)
        self._assert_sound(account)
