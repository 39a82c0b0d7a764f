from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestRefunds(RefundCommon):
    """Points follow the money, both ways, in proportion."""

    def test_a_part_that_is_refunded_earns_nothing(self):
        account = self._member()
        order = self._buy(account, 100)
        invoice = self._invoice(order)
        self.assertEqual(account.points_balance, 100)
        self._refund(invoice, 30)
        self.assertEqual(account.points_balance, 70)
        self.assertEqual(account.points_lifetime, 70)
        self._refund(invoice, 20)
        self.assertEqual(account.points_balance, 50)
        order._action_cancel()
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_a_refund_that_is_taken_back_earns_again(self):
        account = self._member()
        invoice = self._invoice(self._buy(account, 100))
        refund = self._refund(invoice, 30)
        refund.button_draft()
        self.assertEqual(account.points_balance, 100)
        refund.action_post()
        self.assertEqual(account.points_balance, 70)
        self._assert_sound(account)

    def test_redeemed_points_come_back_in_proportion(self):
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 110)
        self._claim(order, account)
        order.action_confirm()
        self.assertEqual(account.points_balance, 110)
        invoice = self._invoice(order)
        # Half of the goods, which cost 110.
        self._refund(invoice, 55)
        self.assertEqual(account.points_redeemed, 50)
        self.assertEqual(account.points_lifetime, 155)
        self._assert_sound(account)
        order._action_cancel()
        self.assertEqual((account.points_balance, account.points_redeemed), (100, 0))
        self._assert_sound(account)

    def test_what_comes_back_in_part_goes_into_the_youngest_lots_first(self):
        account = self._member(60)
        with freeze_time(NOW + timedelta(days=1)):
            account.earn_points(60, "test")
        with freeze_time(NOW + timedelta(days=2)):
            order = self._create_order(account.customer_id, None, 110)
            self._claim(order, account)
            order.action_confirm()
            remaining = account.lot_ids.sorted().mapped("remaining")
            self.assertEqual(remaining[:2], [0, 20])
            self._refund(self._invoice(order), 55)
        self.assertEqual(account.points_redeemed, 50)
        account.lot_ids.invalidate_recordset()
        remaining = account.lot_ids.sorted().mapped("remaining")
        self.assertEqual(remaining[:2], [10, 60])
        self._assert_sound(account)

    def test_a_corrected_invoice_takes_nothing_back(self):
        account = self._member()
        order = self._buy(account, 100)
        self._refund(self._invoice(order))
        self.assertEqual(account.points_balance, 0)
        self._invoice(order)
        self.assertEqual(account.points_balance, 100)
        self._assert_sound(account)
