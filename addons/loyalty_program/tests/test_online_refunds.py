from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import NOW
from .referral_common import ReferralCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOnlineRefunds(ReferralCommon):
    """Money that the payment provider gives back takes the points along."""

    def test_part_and_whole(self):
        account = self._member()
        order, paid = self._paid_order(account)
        self.assertEqual(account.points_balance, 100)
        self._give_back(order, paid, 30)
        self.assertEqual(account.points_balance, 70)
        self._give_back(order, paid, 70)
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_points_that_were_spent_are_owed_once_the_money_is_back(self):
        """The program refuses what it can: a credit note, not money that is gone."""
        self.program.shortfall = "block"
        account = self._member()
        order, paid = self._paid_order(account)
        invoice = self._invoice(order)
        account.redeem_points(80, "discount", 8)
        refused = self.assertRaisesRegex(UserError, "have been spent")
        with refused, self.env.cr.savepoint():
            self._refund(invoice, 100)
        self.assertEqual(account.points_balance, 20)
        refund = self._give_back(order, paid, 100)
        self.assertEqual(refund.state, "done")
        self.assertEqual((account.points_balance, account.points_debt), (-80, 80))
        self._refund(invoice, 100)
        self.assertEqual((account.points_balance, account.points_debt), (-80, 80))
        self._assert_sound(account)

    def test_the_credit_note_that_follows_takes_nothing_more(self):
        account = self._member()
        order, paid = self._paid_order(account)
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

    def test_an_invoice_that_was_paid_by_its_own_link(self):
        account = self._member()
        order = self._buy(account, 100)
        paid = self._pay_online(self._invoice(order))
        self._give_back_of(paid, 30)
        self.assertEqual(account.points_balance, 70)
        self._give_back_of(paid, 70)
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_an_invoice_for_several_orders(self):
        account = self._member()
        orders = self._buy(account, 60) | self._buy(account, 40)
        paid = self._pay_online(self._invoice(orders))
        self._give_back_of(paid, 50)
        self.assertEqual([order._loyalty_points() for order in orders], [30, 20])
        self._assert_sound(account)

    def test_a_payment_for_several_orders(self):
        account = self._member()
        orders = self._buy(account, 60) | self._buy(account, 40)
        every = [Command.set(orders.ids)]
        paid = self._transaction(orders[0], 100, sale_order_ids=every)
        paid._set_done()
        self._give_back_of(paid, 50)
        self.assertEqual([order._loyalty_points() for order in orders], [30, 20])
        self._assert_sound(account)

    def test_a_payment_that_was_captured_in_parts(self):
        referral = self._follow()
        order = self._buy(None, 100, partner=referral.friend_id)
        account = self._friend_account(referral)
        paid = self._transaction(order, 100)
        for amount in (40, 60):
            captured = paid._create_child_transaction(amount)
            captured._set_done()
        # As soon as the rest is captured, so is the whole.
        paid._set_done()
        self._dispatch()
        self.assertEqual(referral.state, "rewarded")
        self.program.referral_min_amount = 50
        self._give_back_of(captured, 60)
        self.assertEqual(order._loyalty_points(), 40)
        self.assertEqual(referral.state, "reversed")
        self._assert_sound(account)

    def test_an_invitation_whose_invoice_was_paid_by_its_own_link(self):
        referral = self._follow()
        order = self._buy(None, 100, partner=referral.friend_id)
        paid = self._pay_online(self._invoice(order))
        self.assertEqual(referral.state, "rewarded")
        self._give_back_of(paid, 100)
        self.assertEqual((referral.state, self._points(referral)), ("reversed", (0, 0)))

    def test_an_invitation_whose_order_is_refunded_by_a_line_of_its_own(self):
        referral = self._follow()
        order = self._buy(None, 100, partner=referral.friend_id)
        invoice = self._invoice(order)
        self._pay_invoice(invoice)
        self.assertEqual(referral.state, "rewarded")
        self._refund_apart(invoice, 100)
        self._dispatch()
        self.assertEqual(order._loyalty_points(), 0)
        self.assertEqual((referral.state, self._points(referral)), ("reversed", (0, 0)))

    def test_a_payment_that_was_made_twice(self):
        account = self._member()
        order, _paid = self._paid_order(account)
        again = self._pay(order)
        self._give_back(order, again, 100)
        self.assertEqual(account.points_balance, 100)
        self._give_back(order, again, 50)
        self.assertEqual(account.points_balance, 50)
        self._assert_sound(account)

    def test_the_difference_of_an_order_that_was_lowered(self):
        account = self._member()
        order, paid = self._paid_order(account)
        order.order_line.price_unit = 70
        self._give_back(order, paid, 30)
        self.assertEqual(account.points_balance, 70)
        self._give_back(order, paid, 35)
        self.assertEqual(account.points_balance, 35)
        self._assert_sound(account)

    def test_money_that_went_back_before_the_order_was_confirmed(self):
        account = self._member()
        order = self._create_order(account.customer_id, None, 100)
        paid = self._transaction(order, 100, sale_order_ids=False)
        paid._set_done()
        paid.sale_order_ids = order
        self._give_back(order, paid, 100)
        self.assertEqual(order.state, "draft")
        order.action_confirm()
        self._invoice(order)
        self.assertEqual(account.points_balance, 100)
        self._give_back(order, self._pay(order), 40)
        self.assertEqual(account.points_balance, 60)
        self._assert_sound(account)
