from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW
from .payment_common import PaymentCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestAwaitedCodes(PaymentCommon):
    """A code that pays a part of an order waits for the money that is on its way."""

    def setUp(self):
        super().setUp()
        self.program.code_validity_days = 5
        self.account = self._member(100)
        reward = self.program.reward_ids
        found = self.service.redeem(self.account.customer_id.id, reward.id)
        self.code = self.env["loyalty.card"].search([("code", "=", found["code"])])
        self.order = self._create_order(self.account.customer_id, None, 50)
        for card, rewards in self.order._try_apply_code(found["code"]).items():
            self.order._apply_program_reward(rewards, card)
        self.assertEqual(self.order.amount_total, 40)

    def _begin_payment(self):
        payment = self._transaction(self.order, self.order.amount_total)
        payment._set_pending()
        return payment

    def _return(self, days):
        with freeze_time(NOW + timedelta(days=days)):
            rewards = self.env["customer.loyalty"]
            done = rewards._return_codes(NOW + timedelta(days=days), 100)
        self.env.invalidate_all()
        return done

    def test_money_that_comes_after_the_last_day_is_for_the_whole_order(self):
        payment = self._begin_payment()
        self.assertEqual(self._return(8), 0)
        with freeze_time(NOW + timedelta(days=9)):
            payment._set_done()
            payment._check_amount_and_confirm_order()
        self.assertFalse(self.order.loyalty_short)
        self.assertEqual((self.order.state, self.code.points), ("sale", 0))
        self.assertEqual(self._return(60), 0)
        self.assertEqual(self.account.points_redeemed, 100)
        self._assert_sound(self.account)

    def test_money_that_never_comes_is_not_waited_for_longer_than_a_month(self):
        self._begin_payment()
        self.assertEqual(self._return(35), 0)
        self.assertEqual(self._return(37), 1)
        self.assertEqual(self.account.points_balance, 100)
        self._assert_sound(self.account)

    def test_a_payment_that_failed_is_not_waited_for(self):
        self._begin_payment()._set_canceled()
        self.assertEqual(self._return(8), 1)
        self.assertEqual(self.account.points_balance, 100)

    def test_a_cart_that_nobody_pays_is_not_waited_for(self):
        self.assertEqual(self._return(8), 1)
        self.assertEqual(self.account.points_balance, 100)
