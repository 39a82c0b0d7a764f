from odoo.tests import freeze_time, tagged

from .common import NOW
from .referral_common import ReferralCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestPaidTwice(ReferralCommon):
    """Two carts claim the same points, and both are paid."""

    def setUp(self):
        super().setUp()
        self.seller = self._user("paid_seller", "sales_team.group_sale_salesman")
        self.account = self._member(100)

    def _cart(self, code=None):
        order = self._create_order(self.account.customer_id, None, 50)
        order.write({"user_id": self.seller.id, "require_payment": True})
        if code:
            for card, rewards in order._try_apply_code(code).items():
                order._apply_program_reward(rewards, card)
        else:
            self._claim(order, self.account)
        self.assertEqual(order.amount_total, 40)
        return order

    def _pay_online(self, order):
        paid = self._pay(order)
        paid._check_amount_and_confirm_order()
        return paid

    def _assert_told(self, order):
        self.assertEqual(order.state, "draft")
        self.assertTrue(order.loyalty_short)
        self.assertEqual(order.amount_total, 40)
        self.assertEqual(order.activity_ids.user_id, self.seller)
        notes = order.message_ids.filtered(lambda m: "could not be confirmed" in m.body)
        self.assertEqual(len(notes), 1)
        self.assertIn(order.order_line.reward_id.description, notes.body)

    def test_the_seller_learns_that_the_points_are_gone(self):
        first, second = self._cart(), self._cart()
        self._pay_online(first)
        paid = self._pay_online(second)
        self.assertEqual(first.state, "sale")
        self._assert_told(second)
        paid._check_amount_and_confirm_order()
        self._assert_told(second)
        self.assertEqual(self.account.points_redeemed, 100)
        self._assert_sound(self.account)

    def test_the_seller_learns_that_the_code_was_used(self):
        reward = self.program.reward_ids
        code = self.service.redeem(self.account.customer_id.id, reward.id)["code"]
        first, second = self._cart(code), self._cart(code)
        self._pay_online(first)
        self._pay_online(second)
        self.assertEqual(first.state, "sale")
        self._assert_told(second)

    def test_the_order_is_confirmed_without_the_reward(self):
        first, second = self._cart(), self._cart()
        self._pay_online(first)
        self._pay_online(second)
        second.order_line.filtered("reward_id").unlink()
        second.action_confirm()
        self.assertEqual((second.state, second.amount_total), ("sale", 50))
        self.assertFalse(second.loyalty_short)
        self._assert_sound(self.account)

    def test_an_order_that_is_covered_is_confirmed(self):
        order = self._cart()
        self._pay_online(order)
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.loyalty_short or order.activity_ids)
