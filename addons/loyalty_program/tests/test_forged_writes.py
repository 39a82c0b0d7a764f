import doctest
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.loyalty_program.tools import claim

from .common import NOW
from .refund_common import RefundCommon

SELLER = "base.group_user,sales_team.group_sale_salesman_all_leads"
BOSS = "base.group_user,sales_team.group_sale_manager"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestForgedWrites(RefundCommon):
    """Salespeople, by RPC: points are adjusted by managers, with a reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._user("forging_seller", SELLER)
        cls.boss = cls._user("forging_boss", BOSS)

    def _refused(self, record, vals, named=None, error=AccessError, user=None):
        """Whoever writes the values is told which field, and nothing changes."""
        named = named or next(iter(vals))
        with self.assertRaisesRegex(error, named), self.env.cr.savepoint():
            record.with_user(user or self.seller).write(vals)
        self.env.invalidate_all()

    def _claimed(self, points=100, amount=50):
        """(account, order): the order claims the reward of 50 points."""
        account = self._member(points)
        order = self._create_order(account.customer_id, None, amount)
        self._claim(order, account)
        return account, order

    def _code(self, points=100):
        """(account, card of a code that was bought for 100 points)."""
        account = self._member(points)
        reward = self.program.reward_ids.id
        found = self.service.redeem(account.customer_id.id, reward)
        cards = self.env["loyalty.card"]
        return account, cards.search([("code", "=", found["code"])])

    def _use(self, card, user=None):
        order = self._create_order(card.partner_id, None, 50)
        order = order.with_user(user or self.env.user)
        for coupon, rewards in order._try_apply_code(card.code).items():
            order._apply_program_reward(rewards, coupon)
        order.action_confirm()
        return order

    # ------------------------------------------------------------------------- lines
    def test_what_a_reward_costs_is_never_below_zero(self):
        account, order = self._claimed()
        order.action_confirm()
        line = order.order_line.filtered("points_cost")
        before = account.points_balance
        refused = self.assertRaisesRegex(ValidationError, "points_cost")
        with refused, self.env.cr.savepoint():
            line.points_cost = -5000
        self.env.invalidate_all()
        self.assertEqual(account.points_balance, before)

    def test_lines_of_rewards_are_not_typed(self):
        account = self._member()
        order = self._buy(account, 10)
        lines = self.env["sale.order.line"].with_user(self.seller)
        values = {
            "order_id": order.id,
            "product_id": order.order_line.product_id.id,
            "name": "Gift",
            "price_unit": 0,
            "reward_id": self.program.reward_ids.id,
        }
        card = {"coupon_id": account.card_id.id}
        for name, extra, context in (
            ("negative", {**card, "points_cost": -5000}, {}),
            ("cheap", {**card, "points_cost": 0.01}, {}),
            ("default", {}, {"default_coupon_id": account.card_id.id}),
        ):
            refused = self.assertRaises(UserError)
            with self.subTest(name=name), refused, self.env.cr.savepoint():
                lines.with_context(**context).create({**values, **extra})
        self.env.invalidate_all()
        self.assertEqual(account.points_balance, 10)

    def test_what_a_reward_costs_is_not_typed(self):
        for confirmed in (False, True):
            with self.subTest(confirmed=confirmed):
                account, order = self._claimed()
                other = self._member()
                if confirmed:
                    order.action_confirm()
                before = account.points_balance
                line = order.order_line.filtered("points_cost")
                self._refused(line, {"points_cost": 0.01})
                self._refused(line, {"coupon_id": other.card_id.id})
                self._refused(line, {"order_id": self._buy(other, 1).id})
                nested = [(1, line.id, {"points_cost": 1})]
                self._refused(order, {"order_line": nested}, "points_cost")
                self.assertEqual(account.points_balance, before)

    def test_salespeople_claim_rewards_and_copy_orders(self):
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 50)
        mine = order.with_user(self.seller)
        mine._update_programs_and_rewards()
        mine._apply_program_reward(self.program.reward_ids, account.card_id)
        self.assertTrue(mine.order_line.filtered("points_cost"))
        mine._update_programs_and_rewards()
        mine.action_confirm()
        cost = sum(mine.order_line.mapped("points_cost"))
        self.assertEqual((account.points_redeemed, cost), (100, 100))
        copy = mine.copy()
        self.assertFalse(copy.order_line.filtered("reward_id"))
        self.assertEqual(copy.order_line.mapped("price_unit"), [50])
        self._assert_sound(account)

    # ------------------------------------------------------------------------ orders
    def test_terms_of_orders_are_the_ledgers(self):
        account = self._member()
        order = self._buy(account, 100)
        key = str(self.program.id)
        basis = dict(order.loyalty_basis)
        basis[key] = {**basis[key], "multiplier": 50}
        for user in (self.seller, self.boss):
            for vals in (
                {"loyalty_basis": basis},
                {"loyalty_turn": 9},
                {"loyalty_reversed": True},
                {"invited_at": "2026-01-01 00:00:00"},
                {"referral_code": "ANOTHER"},
            ):
                self._refused(order, vals, user=user)
        order.with_user(self.seller).order_line.price_unit = 101
        self.assertEqual(account.points_balance, 101)

    def test_an_order_whose_state_was_written_earns_once(self):
        account = self._member()
        for state in ("draft", "cancel"):
            with self.subTest(state=state):
                before = account.points_balance
                order = self._buy(account, 100).with_user(self.seller)
                order.write({"state": state})
                order.write({"state": "draft"})
                order.action_confirm()
                self.env.invalidate_all()
                self.assertEqual(account.points_balance - before, 100)
        self._assert_sound(account)

    def test_orders_do_not_begin_with_terms(self):
        customer = self._create_customer()
        orders = self.env["sale.order"].with_user(self.seller)
        values = {"partner_id": customer.id}
        for name, extra, context in (
            ("value", {"loyalty_turn": 7}, {}),
            ("default", {}, {"default_loyalty_turn": 7}),
        ):
            refused = self.assertRaisesRegex(AccessError, "loyalty_turn")
            with self.subTest(name=name), refused:
                orders.with_context(**context).create({**values, **extra})
        order = orders.create({**values, "referral_code": "FRIEND", "loyalty_turn": 0})
        order.referral_code = "OTHER"
        self.assertEqual(order.referral_code, "OTHER")

    # ------------------------------------------------------------------------- codes
    def test_a_used_code_does_not_come_back_to_life(self):
        account, card = self._code()
        self._use(card, self.seller)
        self.assertEqual(card.points, 0)
        yesterday = NOW.date() - timedelta(days=5)
        for user in (self.seller, self.boss):
            self._refused(card, {"points": 1}, error=UserError, user=user)
            self._refused(
                card, {"expiration_date": yesterday}, error=UserError, user=user
            )
        self.env["customer.loyalty"]._return_codes(NOW, 100)
        self.assertEqual(account.points_redeemed, 100)

    def test_a_code_stays_what_it_is(self):
        _account, card = self._code()
        other = self._create_customer()
        program = self.program.copy()
        for vals in (
            {"partner_id": other.id},
            {"code": "MINE"},
            {"active": False},
            {"program_id": program.id},
            {"points": 0},
        ):
            for user in (self.seller, self.boss):
                self._refused(card, vals, error=UserError, user=user)
        self.assertEqual(card.partner_id, _account.customer_id)

    def test_managers_give_an_open_code_another_term(self):
        _account, card = self._code()
        later = {"expiration_date": NOW.date() + timedelta(days=90)}
        self._refused(card, later, "points")
        card.with_user(self.boss).write(later)
        self.assertEqual(card.expiration_date, later["expiration_date"])

    def test_a_code_is_no_balance(self):
        _account, card = self._code()
        wizards = self.env["loyalty.card.update.balance"]
        for user in (self.env.user, self.boss, self.seller):
            wizard = wizards.with_user(user).create(
                {"card_id": card.id, "new_balance": 5, "description": "again"}
            )
            with self.assertRaisesRegex(UserError, card.code):
                wizard.action_update_card_point()
        with self.assertRaisesRegex(UserError, card.code):
            card.points = 5
        self._use(card)
        self.assertEqual(card.points, 0)

    def test_an_order_that_is_cancelled_gives_its_code_back(self):
        account, card = self._code()
        order = self._use(card, self.seller)
        order.with_user(self.boss)._action_cancel()
        self.assertEqual(card.points, 1)
        self.assertEqual(account.points_redeemed, 100)

    def test_nobody_says_what_a_code_was_bought_with(self):
        account = self._member(100)
        paid = account.transaction_ids[:1].id
        coupons = self.env["loyalty.program"].create(
            {"name": "C", "program_type": "coupons", "company_id": self.shop.id}
        )
        values = {"program_id": coupons.id, "points": 1}
        cards = self.env["loyalty.card"]
        card = cards.create(values)
        self._refused(card, {"redemption_id": paid})
        with self.assertRaisesRegex(AccessError, "redemption_id"):
            cards.with_user(self.boss).create({**values, "redemption_id": paid})
        with self.assertRaisesRegex(AccessError, "redemption_id"):
            cards.with_context(default_redemption_id=paid).create(values)
        card.with_user(self.seller).points = 3
        self.assertEqual(card.points, 3)

    # ---------------------------------------------------------------------- accounts
    def test_balances_are_managers(self):
        account = self._member(10)
        self._refused(account.card_id, {"points": 500})
        values = {"card_id": account.card_id.id, "new_balance": 500}
        wizards = self.env["loyalty.card.update.balance"]
        wizard = wizards.with_user(self.seller).create({**values, "description": "Me"})
        with self.assertRaisesRegex(AccessError, "points"):
            wizard.action_update_card_point()
        self.assertEqual(account.points_balance, 10)
        wizard = wizards.with_user(self.boss).create({**values, "description": "Sorry"})
        wizard.action_update_card_point()
        self.assertEqual(account.points_balance, 500)
        self.assertEqual(self._rows_of(account)[-1], ("adjust", 490))

    def test_examples_of_the_claims(self):
        self.assertFalse(doctest.testmod(claim).failed)
