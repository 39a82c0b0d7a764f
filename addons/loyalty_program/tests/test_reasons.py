from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestReasons(LoyaltyCommon):
    """A reason covers the cards that it was told of, each once; what rules of
    automation write meanwhile is explained as what it is.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account, cls.other = cls._member(300), cls._member(300)

    @contextmanager
    def _also(self, model, method, card, points=50):
        """After a method, as rules of automation do, points are written on a card."""
        registry = self.registry[model]
        origin = getattr(registry, method)
        seen = []

        def ruled(records, *args, **kwargs):
            is_first = not seen
            seen.append(method)
            result = origin(records, *args, **kwargs)
            if is_first:
                found = card.with_env(records.env)
                found.points += points
            return result

        with patch.object(registry, method, ruled):
            yield

    def _order(self, account=None, amount=110):
        account = account or self.account
        order = self._create_order(account.customer_id, None, amount)
        self._claim(order, account)
        return order

    def _last(self, account):
        self.env.flush_all()
        row = self.transactions.search([("loyalty_id", "=", account.id)], order="id")
        row = row.filtered(lambda r: r.transaction_type == "adjust")
        return row.mapped(lambda r: (r.points, r.source_type, r.source_id))

    def test_a_confirmation_does_not_explain_the_card_of_somebody_else(self):
        order = self._order()
        with self._also("sale.order", "_action_confirm", self.other.card_id):
            order.action_confirm()
        self.assertEqual(self._last(self.other), [(50, "loyalty.card", 0)])
        self.assertEqual(
            self._rows_of(self.account)[1:], [("redeem", -100), ("earn", 110)]
        )
        self._assert_sound(self.account, self.other)

    def test_nor_what_else_is_written_on_the_same_card(self):
        order = self._order()
        with self._also("sale.order", "_action_confirm", self.account.card_id):
            order.action_confirm()
        rows = [("redeem", -100), ("adjust", 50), ("earn", 110)]
        self.assertEqual(self._rows_of(self.account)[1:], rows)
        order._action_cancel()
        self.assertEqual(self.account.points_balance, 350)
        self._assert_sound(self.account)

    def test_a_cancellation_gives_back_once(self):
        order = self._order()
        order.action_confirm()
        with self._also("sale.order", "_action_cancel", self.other.card_id):
            order._action_cancel()
        self.assertEqual(self._last(self.other), [(50, "loyalty.card", 0)])
        self.assertEqual(self.account.points_balance, 300)
        self._assert_sound(self.account, self.other)

    def test_who_may_not_adjust_cannot_within_a_confirmation_either(self):
        seller = self._user("reason_seller", "sales_team.group_sale_salesman")
        order = self._order()
        order.user_id = seller
        confirm = order.with_user(seller).action_confirm
        with (
            self._also("sale.order", "_action_confirm", self.other.card_id),
            self.assertRaises(AccessError),
            self.env.cr.savepoint(),
        ):
            confirm()
        confirm()
        self.assertEqual(order.state, "sale")

    def test_what_the_ledger_posts_does_not_hide_another_card(self):
        for card in (self.other.card_id, self.account.card_id):
            with (
                self.subTest(card.partner_id.name),
                self._also("loyalty.card", "write", card, 7),
            ):
                self.account.earn_points(10, "test")
        self.assertEqual(self._last(self.other), [(7, "loyalty.card", 0)])
        self.assertEqual(self._last(self.account), [(7, "loyalty.card", 0)])
        self._assert_sound(self.account, self.other)

    def test_what_somebody_gave_as_the_reason_is_of_that_card(self):
        wizard = self.env["loyalty.card.update.balance"].create(
            {
                "card_id": self.account.card_id.id,
                "new_balance": 310,
                "description": "Broken bottle",
            }
        )
        with self._also("loyalty.history", "create", self.other.card_id):
            wizard.action_update_card_point()
        reasons = [
            self.transactions.search(
                [("loyalty_id", "=", account.id)], order="id desc", limit=1
            ).source_description
            for account in (self.account, self.other)
        ]
        self.assertEqual(reasons[0], "Broken bottle")
        self.assertNotEqual(reasons[1], "Broken bottle")
        self._assert_sound(self.account, self.other)

    def test_gifts_are_explained_also_where_the_member_has_a_card(self):
        wizard = self.env["loyalty.generate.wizard"].create(
            {
                "program_id": self.program.id,
                "mode": "selected",
                "customer_ids": [Command.set(self.account.customer_id.ids)],
                "points_granted": 20,
                "description": "Spring",
            }
        )
        wizard.generate_coupons()
        row = self.transactions.search(
            [("loyalty_id", "=", self.account.id)], order="id desc", limit=1
        )
        self.assertEqual((row.points, row.source_description), (20, "Spring"))
        self.assertEqual(row.source_type, "loyalty.program")
        self._assert_sound(self.account)

    def test_a_quotation_moves_nothing_and_explains_nothing(self):
        order = self._create_order(self.account.customer_id, None, 110)
        with self._also("sale.order.line", "create", self.account.card_id):
            self._claim(order, self.account)
        self.assertEqual(self._last(self.account), [(50, "loyalty.card", 0)])

    def test_rewards_of_several_orders_go_together_and_each_gives_back_its_own(self):
        first, second = self._order(), self._order(self.other)
        (first | second).action_confirm()
        lines = (first | second).order_line.filtered("reward_id")
        lines._reset_loyalty(True)
        for account in (self.account, self.other):
            self.assertEqual(account.points_redeemed, 0)
        (first | second)._action_cancel()
        self.assertEqual(self.account.points_balance, 300)
        self.assertEqual(self.other.points_balance, 300)
        self._assert_sound(self.account, self.other)
