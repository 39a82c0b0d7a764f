from odoo.tests import tagged

from ..tools.movement import Movement
from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestOrderPoints(LoyaltyCommon):
    """What standard's order form and portal page say of an order's points."""

    def _shown(self, order):
        order.invalidate_recordset(["loyalty_data"])
        return order.loyalty_data

    def _history(self, order):
        domain = [("order_model", "=", "sale.order"), ("order_id", "=", order.id)]
        return self.env["loyalty.history"].search(domain)

    def test_an_order_shows_what_it_earned(self):
        order = self._buy(self._member(), 120)
        data = self._shown(order)
        self.assertEqual((data["issued"], data["cost"]), (120, 0))
        self.assertFalse(self._history(order))

    def test_an_order_shows_what_it_paid_with_points(self):
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 50)
        self._claim(order, account)
        order.action_confirm()
        data = self._shown(order)
        self.assertEqual((data["issued"], data["cost"]), (50, 100))
        self.assertEqual(self._history(order).used, 100)

    def test_a_reward_on_a_confirmed_order_is_shown(self):
        account = self._member(100)
        order = self._buy(account, 50)
        self._claim(order, account)
        self.assertEqual(self._shown(order)["cost"], 100)

    def test_a_cancelled_order_shows_nothing(self):
        order = self._buy(self._member(), 120)
        order._action_cancel()
        self.assertFalse(self._shown(order))

    def test_points_of_cards_without_accounts_are_added(self):
        rules = [(0, 0, {"reward_point_mode": "order", "reward_point_amount": 7})]
        self.env["loyalty.program"].create(
            {
                "name": "Plain",
                "program_type": "loyalty",
                "trigger": "auto",
                "applies_on": "both",
                "rule_ids": rules,
            }
        )
        order = self._buy(self._member(), 120)
        self.assertEqual(self._shown(order)["issued"], 127)

    def test_many_orders_are_shown_at_once(self):
        accounts = [self._member() for _number in range(5)]
        orders = self.env["sale.order"].concat(*(self._buy(a, 10) for a in accounts))
        self.env.flush_all()
        orders[:1].mapped("loyalty_data")  # what is read once
        orders.invalidate_recordset(["loyalty_data"])
        with self.assertQueryCount(3):
            found = orders.mapped(lambda order: order.loyalty_data["issued"])
        self.assertEqual(found, [10] * 5)

    def test_whose_an_order_is_takes_no_statement(self):
        """Programs that companies share ask it with each order."""
        order = self._create_order(self._member().customer_id, None, 10)
        movement = Movement("earn", 10, "sale.order", order.id)
        with self.assertQueryCount(0):
            self.assertEqual(self.ledger._company_of(movement), self.shop.id)
        gone = movement._replace(source_id=2**31 - 1)
        self.assertEqual(self.ledger._company_of(gone), self.env.company.id)
