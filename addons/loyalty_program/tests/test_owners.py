from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon

DOUBLE = [{"type": "points_multiplier", "value": 2}]
TIERS = [
    {"name": "First", "code": "bronze", "min_points": 0},
    {"name": "Second", "code": "silver", "min_points": 1000, "benefits": DOUBLE},
]


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOwners(RefundCommon):
    """Orders that get another customer: points and rewards are the customer's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account, cls.other = cls._member(300), cls._member(50)

    def _balances(self):
        self.env.invalidate_all()
        return (self.account.points_balance, self.other.points_balance)

    def _claimed(self):
        order = self._create_order(self.account.customer_id, None, 110)
        self._claim(order, self.account)
        self.assertEqual(order.amount_total, 100)
        return order

    # ------------------------------------------------------------------- quotations
    def test_rewards_do_not_stay_on_the_quotation_of_another_customer(self):
        order = self._claimed()
        order.partner_id = self.other.customer_id
        self.assertEqual(order.amount_total, 110)
        self.assertNotIn(self.account.card_id, order.applied_coupon_ids)
        self.assertIn("Taken off", order.message_ids[0].body)
        order.action_confirm()
        self.assertEqual(self._balances(), (300, 160))
        self._assert_sound(self.account, self.other)

    def test_who_gets_it_back_may_claim_again(self):
        order = self._claimed()
        for account in (self.other, self.account):
            order.partner_id = account.customer_id
        self._claim(order, self.account)
        order.action_confirm()
        self.assertEqual(self._balances(), (300 - 100 + 110, 50))
        self._assert_sound(self.account, self.other)

    def test_a_code_of_the_first_is_not_used_up(self):
        code = self.account._redeem_reward(self.program.reward_ids)["code"]
        card = self.env["loyalty.card"].search([("code", "=", code)])
        order = self._create_order(self.account.customer_id, None, 110)
        for found, reward in order._try_apply_code(code).items():
            order._apply_program_reward(reward, found)
        order.partner_id = self.other.customer_id
        self.assertEqual(order.amount_total, 110)
        order.action_confirm()
        self.assertEqual((card.points, card.active), (1, True))
        self.assertEqual(self._balances(), (200, 160))

    def test_a_line_that_was_written_by_hand_does_not_pay_either(self):
        order = self._claimed()
        self.other.earn_points(450, "test")
        line = order.order_line.filtered("reward_id")
        self.env.cr.execute(
            "UPDATE sale_order_line SET coupon_id = %s WHERE id = %s",
            [self.other.card_id.id, line.id],
        )
        self.env.invalidate_all()
        order.action_confirm()
        self.assertEqual(order.amount_total, 110)
        self.assertEqual(self._balances(), (410, 500))
        self._assert_sound(self.account, self.other)

    def test_the_card_of_the_firm_does_not_pay_for_a_colleague(self):
        colleague = self._create_customer(parent_id=self.account.customer_id.id)
        order = self._create_order(colleague, None, 110)
        order._update_programs_and_rewards()
        reward = self.program.reward_ids
        found = order._apply_program_reward(reward, self.account.card_id)
        self.assertIn("another", found["error"])
        order.action_confirm()
        self.assertEqual(self._balances(), (300, 50))

    # -------------------------------------------------------------------- confirmed
    def test_points_of_a_confirmed_order_go_with_it(self):
        order = self._buy(self.account, 100)
        self.assertEqual(self._balances(), (400, 50))
        order.partner_id = self.other.customer_id
        self.assertEqual(self._balances(), (300, 150))
        self.assertEqual(self.account.points_lifetime, 300)
        order.order_line[0].price_unit = 120
        self.assertEqual(self._balances(), (300, 170))
        self._refund(self._invoice(order), 60)
        self.assertEqual(self._balances(), (300, 110))
        self.service.process_order(order.id)
        self.assertEqual(self._balances(), (300, 110))
        order.partner_id = self.account.customer_id
        self.assertEqual(self._balances(), (360, 50))
        order._action_cancel()
        self.assertEqual(self._balances(), (300, 50))
        self._assert_sound(self.account, self.other)

    def test_they_pend_and_count_by_the_tier_of_who_has_it_now(self):
        self.program.write({"tiers": TIERS, "pending_days": 3})
        self.other.earn_points(1000, "test")
        order = self._buy(self.account, 100)
        self.program.points_per_currency = 9
        order.partner_id = self.other.customer_id
        self.env.invalidate_all()
        self.assertEqual(self.account.points_pending, 0)
        self.assertEqual(self.other.points_pending, 200)

    def test_who_was_nobody_joins_and_a_guest_gets_nothing(self):
        order = self._buy(self.account, 100)
        stranger = self._create_customer()
        order.partner_id = stranger
        account = self.accounts._account_of(self.program, stranger)
        self.assertEqual(account.points_balance, 100)
        order.partner_id = self.env.ref("base.public_partner")
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(self.account, account)

    def test_past_orders_go_with_what_they_were_credited(self):
        self.program.is_active = False
        order = self._create_order(self.account.customer_id, None, 100)
        order.action_confirm()
        order.write({"loyalty_turn": 0, "date_order": NOW - timedelta(days=40)})
        self.program.is_active = True
        backfill = self.env["loyalty.backfill"].create({"program_id": self.program.id})
        backfill.sudo()._run(NOW)
        self.assertEqual(self._balances(), (400, 50))
        invoice = self._invoice(order)
        self._refund(invoice, 40)
        self.program.points_per_currency = 9
        order.partner_id = self.other.customer_id
        self.assertEqual(self._balances(), (300, 110))
        self._refund(invoice, 60)
        self.assertEqual(self._balances(), (300, 50))
        self._assert_sound(self.account, self.other)

    def test_what_points_paid_for_is_taken_off_first(self):
        order = self._claimed()
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "partner_id"), self.env.cr.savepoint():
            order.partner_id = self.other.customer_id
        self.assertEqual(order.partner_id, self.account.customer_id)
        order._action_cancel()
        order.action_draft()
        order.partner_id = self.other.customer_id
        order.action_confirm()
        self.assertEqual(self._balances(), (300, 160))
        self._assert_sound(self.account, self.other)

    def test_nor_does_a_code_of_the_first_pay_for_the_second(self):
        code = self.account._redeem_reward(self.program.reward_ids)["code"]
        order = self._create_order(self.account.customer_id, None, 110)
        for found, reward in order._try_apply_code(code).items():
            order._apply_program_reward(reward, found)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "partner_id"), self.env.cr.savepoint():
            order.partner_id = self.other.customer_id
        colleague = self._create_customer(parent_id=self.account.customer_id.id)
        order.partner_id = colleague
        self.assertEqual(order.amount_total, 100)

    def test_spent_points_block_where_the_program_says_so(self):
        self.program.shortfall = "block"
        order = self._buy(self.account, 100)
        self.account.redeem_points(390, "discount", 39)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.partner_id = self.other.customer_id
        self.assertEqual(self._balances(), (10, 50))
