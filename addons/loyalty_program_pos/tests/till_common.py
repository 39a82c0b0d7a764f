from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.point_of_sale.tests.common import TestPoSCommon

TIERS = [
    {"name": "Bronze", "code": "bronze", "min_points": 0, "benefits": []},
    {
        "name": "Silver",
        "code": "silver",
        "min_points": 200,
        "benefits": [{"type": "points_multiplier", "value": 1.5}],
    },
    {"name": "Gold", "code": "gold", "min_points": 5000, "benefits": []},
]


class TillCommon(TestPoSCommon):
    """A till, a cashier, and a program that keeps accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.env.user.group_ids += cls.env.ref(
            "customer_lifecycle.group_lifecycle_manager"
        )
        cls.env["loyalty.program"].search([]).action_archive()
        cls.config = cls.basic_config
        cls.milk = cls.create_product("Milk", cls.categ_basic, 100, 60)
        cls.bread = cls.create_product("Bread", cls.categ_basic, 10.5, 5)
        cls.program = cls.env["loyalty.program"].create(
            {
                "name": "Milk Club",
                "program_type": "loyalty",
                "company_id": cls.env.company.id,
                "currency_id": cls.config.currency_id.id,
                "is_active": True,
                "tiers": TIERS,
                "earning_rules": [{"type": "purchase", "points_per_unit": 1}],
                "redemption_rules": [{"points": 100, "value": 10, "type": "discount"}],
            }
        )
        cls.reward = cls.program.reward_ids
        partners = cls.env["res.partner"]
        cls.firm = partners.create({"name": "Firm", "is_company": True})
        cls.contact = partners.create({"name": "Contact", "parent_id": cls.firm.id})
        cls.nadia = partners.create({"name": "Nadia"})
        cls.cashier = new_test_user(
            cls.env, "cashier", "base.group_user,point_of_sale.group_pos_user"
        )

    def setUp(self):
        super().setUp()
        self.open_new_session()

    @classmethod
    def _member(cls, customer=None, points=0):
        accounts = cls.env["customer.loyalty"].sudo()
        customer = customer or cls.nadia
        account = accounts._enroll(cls.program, customer, fields.Datetime.now())
        account.earn_points(points, "test")
        return account

    @classmethod
    def _account(cls, customer):
        return cls.env["customer.loyalty"]._account_of(cls.program, customer)

    def _discount(self, card, reward=None, cost=100, amount=10, **values):
        """A reward line as the till sends it."""
        reward = reward or self.reward
        prices = ("price_unit", "price_subtotal", "price_subtotal_incl")
        return {
            "product": reward.discount_line_product_id,
            "quantity": 1,
            "is_reward_line": True,
            "reward_id": reward.id,
            "coupon_id": card.id,
            "reward_identifier_code": "X",
            "points_cost": cost,
            **dict.fromkeys(prices, -amount),
            **values,
        }

    def _data(self, *lines, customer=None, **values):
        return self.create_ui_order_data(list(lines), customer=customer, **values)

    def _sync(self, data):
        """Send an order as the till does, as a cashier; return it."""
        orders = self.env["pos.order"].with_user(self.cashier)
        result = orders.sync_from_ui([data])
        return orders.browse(result["pos.order"][-1]["id"])

    def _sell(self, *lines, customer=None):
        return self._sync(self._data(*lines, customer=customer))

    def _confirm(self, order, card_id, points, **values):
        """What the till says afterwards."""
        told = {"points": points, "program_id": self.program.id, "coupon_id": card_id}
        return order.confirm_coupon_programs({str(card_id): {**told, **values}})

    def _refund(self, order, *quantities):
        """Refund lines of an order: pairs of line and quantity; all by default."""
        pairs = quantities or [(line, line.qty) for line in order.lines]
        lines = []
        for line, quantity in pairs:
            share = -quantity / line.qty
            names = ("is_reward_line", "reward_identifier_code", "points_cost")
            lines.append(
                {
                    "product": line.product_id,
                    "quantity": -quantity,
                    "refunded_orderline_id": line.id,
                    "price_unit": line.price_unit,
                    "price_subtotal": line.price_subtotal * share,
                    "price_subtotal_incl": line.price_subtotal_incl * share,
                    "reward_id": line.reward_id.id,
                    "coupon_id": line.coupon_id.id,
                    **{name: line[name] for name in names},
                }
            )
        return self._sync(self._data(*lines, customer=order.partner_id))

    def _rows(self, account):
        self.env.flush_all()
        rows = self.env["loyalty.transaction"].search(
            [("loyalty_id", "=", account.id)], order="id"
        )
        return [(row.transaction_type, row.points) for row in rows]

    def _assert_sound(self):
        self.env.invalidate_all()
        audit = self.env["loyalty.audit"]
        self.assertFalse(audit._differences(self.program.account_ids))


__all__ = ["Command", "TillCommon"]
