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

    def test_what_was_given_beyond_what_an_order_earns_stays_with_it(self):
        account = self._member()
        order = self._buy(account, 100)
        account.earn_points(51, "sale.order", order.id, "Ten years together")
        invoice = self._invoice(order)
        self.assertEqual(account.points_balance, 151)
        order.order_line.price_unit = 90
        self.assertEqual(account.points_balance, 141)
        order.order_line.price_unit = 100
        self.assertEqual(account.points_balance, 151)
        refund = self._refund(invoice, 50)
        self.assertEqual(account.points_balance, 75.5)
        refund.button_draft()
        self.assertEqual(account.points_balance, 151)
        order._action_cancel()
        self.assertEqual((account.points_balance, account.points_lifetime), (0, 0))
        self._assert_sound(account)

    def test_what_was_given_goes_with_a_cancellation_for_good(self):
        account = self._member()
        order = self._buy(account, 100)
        account.earn_points(50, "sale.order", order.id)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self._invoice(order)
        self.assertEqual(account.points_balance, 100)
        account.earn_points(7, "sale.order", order.id)
        order.order_line.price_unit = 101
        self.assertEqual(account.points_balance, 108)
        self._assert_sound(account)

    def test_what_was_given_and_is_held_goes_with_its_order(self):
        account = self._member()
        order = self._buy(account, 100)
        self.program.daily_earning_cap = 120
        account.earn_points(50, "sale.order", order.id)
        held = self.env["loyalty.pending"].search([("state", "=", "held")])
        self.assertEqual(held.points, 50)
        self._invoice(order)
        self.assertEqual((held.state, account.points_balance), ("held", 100))
        order._action_cancel()
        self.assertEqual((held.state, account.points_balance), ("cancelled", 0))
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

    def test_what_is_forgiven_again_and_again_fits_its_lots(self):
        """What was never had goes back to the lots that it was taken from; the next
        refund does not put it there another time.
        """
        self.program.shortfall = "cap"
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 110)
        self._claim(order, account)
        order.action_confirm()
        account.redeem_points(account.points_balance, "discount", 1)
        refund = self._refund(self._invoice(order))
        account.redeem_points(account.points_balance, "discount", 1)
        refund.button_draft()
        refund.action_post()
        account.earn_points(100, "test")
        for _each in range(3):
            refund.button_draft()
            refund.action_post()
            self._assert_sound(account)

    def test_a_corrected_invoice_takes_nothing_back(self):
        account = self._member()
        order = self._buy(account, 100)
        self._refund(self._invoice(order))
        self.assertEqual(account.points_balance, 0)
        self._invoice(order)
        self.assertEqual(account.points_balance, 100)
        self._assert_sound(account)
