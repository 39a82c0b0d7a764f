from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestShortfall(RefundCommon):
    """Points that are taken back and are not there: expired, spent, forgiven."""

    def test_cap_cancel_and_confirm_again_earns_once(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(100, "discount", 10)
        order._action_cancel()
        self.assertEqual(account.points_balance, 0)
        order.action_draft()
        order.action_confirm()
        # The order is confirmed once: it earned 100 of which all were spent.
        self.assertEqual(account.points_lifetime, 100, self._rows_of(account))

    def test_cap_invoice_of_a_reconfirmed_order_moves_nothing(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(100, "discount", 10)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        before = account.points_balance
        self._invoice(order)
        self.assertEqual(account.points_balance, before, self._rows_of(account))

    def _expired_order(self):
        account = self._member()
        order = self._buy(account, 100)
        invoice = self._invoice(order)
        return account, order, invoice

    def test_expired_points_are_not_owed_when_the_order_is_refunded(self):
        account, _order, invoice = self._expired_order()
        later = NOW + timedelta(days=400)
        with freeze_time(later):
            self.env["loyalty.expiry"].sudo()._expire_all(later)
            self.assertEqual(account.points_balance, 0)
            self._refund(invoice)
            self.assertEqual(account.points_balance, 0, self._rows_of(account))

    def test_expired_points_do_not_block_a_cancellation(self):
        self.program.shortfall = "block"
        _account, order, _invoice = self._expired_order()
        later = NOW + timedelta(days=400)
        with freeze_time(later):
            self.env["loyalty.expiry"].sudo()._expire_all(later)
            order._action_cancel()
            self.assertEqual(order.state, "cancel")

    def test_expired_points_and_new_ones(self):
        account, _order, invoice = self._expired_order()
        later = NOW + timedelta(days=400)
        with freeze_time(later):
            self.env["loyalty.expiry"].sudo()._expire_all(later)
            self._buy(account, 70)
            self._refund(invoice)
            self.assertEqual(account.points_balance, 70, self._rows_of(account))

    def test_expired_points_of_a_lowered_order(self):
        account = self._member()
        order = self._buy(account, 100)
        later = NOW + timedelta(days=400)
        with freeze_time(later):
            self.env["loyalty.expiry"].sudo()._expire_all(later)
            order.order_line.price_unit = 90
            self.assertEqual(account.points_balance, 0, self._rows_of(account))

    def test_a_credit_note_back_to_draft_after_points_were_spent(self):
        account, order = self._paid_with_points()
        refund = self._refund(self._invoice(order))
        # 100 came back
        self.assertEqual(account.points_balance, 100)
        self.assertTrue(account.redeem_points(100, "discount", 10))
        refund.button_draft()
        self._assert_sound(account)

    def test_an_invoice_anew_after_points_were_spent(self):
        account, order = self._paid_with_points()
        self._refund(self._invoice(order))
        self.assertEqual(account.points_balance, 100)
        self.assertTrue(account.redeem_points(100, "discount", 10))
        self._invoice(order)
        self._assert_sound(account)

    def test_an_invoice_anew_asks_for_no_daily_cap(self):
        self.program.daily_redemption_cap = 100
        account, order = self._paid_with_points()
        account.earn_points(500, "test")
        self._refund(self._invoice(order))
        self.assertTrue(account.redeem_points(100, "discount", 10))
        self._invoice(order)
        self._assert_sound(account)

    def _paid_with_code(self):
        account = self._member(100)
        found = self.service.redeem(account.customer_id.id, self.program.reward_ids.id)
        order = self._create_order(account.customer_id, None, 50)
        for card, rewards in order._try_apply_code(found["code"]).items():
            order._apply_program_reward(rewards, card)
        order.action_confirm()
        return account, order

    def test_a_code_credit_note_back_to_draft_after_points_were_spent(self):
        account, order = self._paid_with_code()
        refund = self._refund(self._invoice(order))
        self.assertEqual(account.points_balance, 100)
        self.assertTrue(account.redeem_points(100, "discount", 10))
        refund.button_draft()
        self._assert_sound(account)

    def test_what_is_not_asked_back_is_written_down(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(70, "discount", 7)
        order._action_cancel()
        self.assertEqual(self._rows_of(account)[-2:], [("earn", -100), ("adjust", 70)])
        self.assertEqual((account.points_balance, account.points_lifetime), (0, 0))
        self._assert_sound(account)

    def test_what_was_not_asked_back_is_not_given_again(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(100, "discount", 10)
        for _turn in range(3):
            order._action_cancel()
            self.assertEqual(account.points_balance, 0)
            order.action_draft()
            order.action_confirm()
            self.assertEqual(account.points_balance, 0)
            self.assertEqual(account.points_lifetime, 100)
        self._assert_sound(account)

    def test_points_that_pend_when_the_order_is_confirmed_again(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(100, "discount", 10)
        order._action_cancel()
        self.program.pending_days = 3
        order.action_draft()
        order.action_confirm()
        self.assertEqual(account.points_pending, 100)
        self.env["loyalty.pending"].sudo()._release_due(NOW + timedelta(days=4), 100)
        self.assertEqual((account.points_balance, account.points_lifetime), (0, 100))
        self._assert_sound(account)

    def test_a_refund_that_was_forgiven_is_over(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        invoice = self._invoice(order)
        account.redeem_points(100, "discount", 10)
        refund = self._refund(invoice)
        self._buy(account, 70)
        order.order_line.discount = 1
        self.assertEqual(account.points_balance, 70, self._rows_of(account))
        refund.button_draft()
        self.assertEqual(account.points_balance, 70, self._rows_of(account))
        refund.action_post()
        self.assertEqual(account.points_balance, 70)
        self._assert_sound(account)

    def test_the_rest_of_a_lot_that_expired_in_part_spent(self):
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(40, "discount", 4)
        later = NOW + timedelta(days=400)
        with freeze_time(later):
            self.env["loyalty.expiry"].sudo()._expire_all(later)
            order.order_line.price_unit = 70
            self.assertEqual(account.points_balance, 0)
            order._action_cancel()
        # 60 had expired, 40 were spent.
        self.assertEqual((account.points_balance, account.points_debt), (-40, 40))
        self.assertEqual(account.points_expired, 0)
        self._assert_sound(account)

    def test_points_that_had_expired_expire_again(self):
        account = self._member()
        order = self._buy(account, 100)
        later = NOW + timedelta(days=400)
        with freeze_time(later):
            self.env["loyalty.expiry"].sudo()._expire_all(later)
            order.order_line.price_unit = 10
            order.order_line.price_unit = 100
            self.env["loyalty.expiry"].sudo()._expire_all(later)
        self.assertEqual((account.points_balance, account.points_expired), (0, 100))
        self._assert_sound(account)

    def test_what_expired_of_another_order_stays_expired(self):
        account = self._member()
        other = self._buy(account, 50)
        self._buy(account, 100)
        later = NOW + timedelta(days=400)
        with freeze_time(later):
            self.env["loyalty.expiry"].sudo()._expire_all(later)
            self.assertEqual(account.points_expired, 150)
            other._action_cancel()
        self.assertEqual((account.points_balance, account.points_expired), (0, 100))
        self.assertEqual(sum(account.lot_ids.mapped("remaining")), 0)
        lot = account.lot_ids.filtered(lambda lot: lot.points == 100)
        moved = self.env["loyalty.lot.move"].search([("lot_id", "=", lot.id)])
        self.assertEqual(moved.mapped("points"), [-100])
        self._assert_sound(account)

    def test_what_was_not_asked_back_leaves_other_lots_alone(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(100, "discount", 10)
        order._action_cancel()
        with freeze_time(NOW + timedelta(days=1)):
            account.earn_points(40, "test")
        with freeze_time(NOW + timedelta(days=2)):
            order.action_draft()
            order.action_confirm()
        self.assertEqual(account.points_balance, 40)
        left = account.lot_ids.filtered("remaining")
        self.assertEqual((left.points, left.remaining), (40, 40))
        self._assert_sound(account)

    def test_a_cancelled_order_gives_nothing_that_was_not_asked_back(self):
        self.program.shortfall = "cap"
        for is_refunded in (True, False):
            with self.subTest(is_refunded=is_refunded):
                account, order = self._paid_with_points()
                refund = self._refund(self._invoice(order))
                self.assertTrue(account.redeem_points(100, "discount", 10))
                refund.button_draft()
                self.assertEqual(account.points_balance, 0)
                if is_refunded:
                    refund.action_post()
                order._action_cancel()
                self.assertEqual(account.points_balance, 0)
                self.assertEqual(account.points_lifetime, 100)
                self._assert_sound(account)

    def test_what_was_never_had_goes_back_with_the_expiry_that_it_had(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(100, "discount", 10)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        account.earn_points(40, "test")
        (lot,) = account.lot_ids.filtered("remaining")
        order._action_cancel()
        self.assertEqual(account.points_balance, 40)
        self.assertEqual(account.lot_ids.filtered("remaining"), lot)
        self._assert_sound(account)

    def test_what_was_had_goes_before_what_was_not(self):
        self.program.shortfall = "cap"
        account = self._member()
        order = self._buy(account, 100)
        account.redeem_points(60, "discount", 6)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(account.points_balance, 40)
        invoice = self._invoice(order)
        # Half of it stays: 50 points, of which 60 were spent.
        self._refund(invoice, 50)
        self.assertEqual((account.points_balance, account.points_lifetime), (0, 50))
        self._refund(invoice, 50)
        self.assertEqual((account.points_balance, account.points_lifetime), (0, 0))
        self._assert_sound(account)

    def test_what_a_refund_gave_back_and_expired_is_not_owed(self):
        for policy, by_code in (("debt", False), ("block", False), ("debt", True)):
            with self.subTest(policy=policy, by_code=by_code):
                self.program.shortfall = policy
                if by_code:
                    account, order = self._paid_with_code()
                else:
                    account, order = self._paid_with_points()
                invoice = self._invoice(order)
                with freeze_time(NOW + timedelta(days=400)):
                    refund = self._refund(invoice)
                    self.service.expire_points()
                    self.assertEqual(account.points_balance, 0)
                    refund.button_draft()
                    self.service.expire_points()
                    self.assertEqual(account.points_balance, 0)
                    self.assertEqual(account.points_debt, 0)
                    self.assertEqual(account.points_redeemed, 100)
                self._assert_sound(account)
