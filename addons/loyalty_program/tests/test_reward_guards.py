from odoo.tests import freeze_time, tagged

from .common import NOW, Command, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestRewardGuards(LoyaltyCommon):
    """A reward is for whom it is for, wherever it is claimed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.reward_ids = [
            Command.create({"discount": 50, "required_points": 10, "min_tier": "gold"})
        ]
        cls.plain, cls.golden = cls.program.reward_ids.sorted("id")

    def _cart(self, account, amount=200):
        order = self._create_order(account.customer_id, None, amount)
        order._update_programs_and_rewards()
        return order

    def test_rewards_of_higher_tiers_are_not_offered(self):
        silver, gold = self._member(1000), self._member(5000)
        offered = self._cart(silver)._get_claimable_rewards()
        self.assertEqual(offered[silver.card_id], self.plain)
        offered = self._cart(gold)._get_claimable_rewards()
        self.assertEqual(offered[gold.card_id], self.plain | self.golden)
        self.plain.min_tier = "platinum"
        self.assertFalse(self._cart(silver)._get_claimable_rewards())

    def test_rewards_of_higher_tiers_are_not_applied(self):
        silver, gold = self._member(1000), self._member(5000)
        order = self._create_order(silver.customer_id, None, 200)
        told = self._claim(order, silver, self.golden)
        self.assertIn("higher tiers", told["error"])
        self.assertEqual(order.amount_total, 200)
        order = self._create_order(gold.customer_id, None, 200)
        self.assertEqual(self._claim(order, gold, self.golden), {})
        self.assertEqual(order.amount_total, 100)

    def test_a_reward_leaves_the_cart_with_its_tier(self):
        account = self._member(5000)
        cart = self._create_order(account.customer_id, None, 200)
        sold = self._create_order(account.customer_id, None, 200)
        for order in (cart, sold):
            self._claim(order, account, self.golden)
        sold.action_confirm()
        self.golden.min_tier = "platinum"
        for order in (cart, sold):
            order._update_programs_and_rewards()
        self.assertEqual((cart.amount_total, sold.amount_total), (200, 100))
        self.assertFalse(cart.order_line.reward_id)
        cart.action_confirm()
        self._assert_sound(account)

    def test_a_program_that_is_switched_off_redeems_nothing(self):
        account = self._member(500)
        self.program.is_active = False
        order = self._cart(account)
        self.assertFalse(order._get_claimable_rewards())
        self.assertIn("error", self._claim(order, account, self.plain))

    def test_programs_without_accounts_are_as_before(self):
        self.program.action_archive()
        program = self._program(is_active=False)
        reward = program.reward_ids[:1]
        reward.min_tier = "gold"
        customer = self._create_customer()
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": customer.id, "points": 500}
        )
        order = self._create_order(customer, None, 200)
        order._update_programs_and_rewards()
        self.assertEqual(order._get_claimable_rewards()[card], reward)
        self.assertEqual(order._apply_program_reward(reward, card), {})

    def test_codes_pay_for_their_customer_only(self):
        account, other = self._member(500), self._member()
        code = account._redeem_reward(self.plain)["code"]
        order = self._create_order(other.customer_id, None, 200)
        self.assertIn("personal", order._try_apply_code(code)["error"])
        order = self._create_order(account.customer_id, None, 200)
        for card, reward in order._try_apply_code(code).items():
            order._apply_program_reward(reward, card)
        self.assertEqual(order.amount_total, 190)
