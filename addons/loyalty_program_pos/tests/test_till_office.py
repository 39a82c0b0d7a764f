from datetime import timedelta

from odoo.tests import tagged

from .till_common import Command, TillCommon


@tagged("post_install", "-at_install")
class TestTillOffice(TillCommon):
    """Orders of the office that are paid at the till, and come back there."""

    def setUp(self):
        super().setUp()
        if "sale_order_line_id" not in self.env["pos.order.line"]._fields:
            self.skipTest("orders of the office are not paid at tills")

    def _in_office(self, quantity=1):
        return (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.nadia.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.milk.id,
                                "product_uom_qty": quantity,
                                "price_unit": 100,
                                "tax_ids": False,
                            }
                        )
                    ],
                }
            )
        )

    def _pay(self, order):
        """Settle an order of the office at the till."""
        lines = [
            {
                "product": line.product_id,
                "quantity": line.product_uom_qty,
                "price_unit": line.price_unit,
                "price_subtotal": line.price_total,
                "price_subtotal_incl": line.price_total,
                "sale_order_origin_id": order.id,
                "sale_order_line_id": line.id,
            }
            for line in order.order_line
        ]
        return self._sell(*lines, customer=self.nadia).sudo()

    def test_what_comes_back_at_the_till_earns_nothing(self):
        account = self._member()
        order = self._in_office(4)
        order.action_confirm()
        sale = self._pay(order)
        self.assertEqual(sale.lines.sale_order_line_id, order.order_line)
        self.assertEqual(account.points_balance, 400)
        self._refund(sale, (sale.lines, 1))
        self.assertEqual(account.points_balance, 300)
        self._refund(sale, (sale.lines, 3))
        self.assertEqual(account.points_balance, 0)
        self._assert_sound()

    def test_points_that_paid_come_back_at_the_till(self):
        account = self._member(points=100)
        order = self._in_office()
        order._update_programs_and_rewards()
        order._apply_program_reward(self.reward, account.card_id)
        order.action_confirm()
        self.assertEqual(account.points_redeemed, 100)
        sale = self._pay(order)
        self.assertEqual(account.points_redeemed, 100)
        self._refund(sale)
        self.assertEqual((account.points_redeemed, account.points_balance), (0, 100))
        self._assert_sound()

    def test_past_orders_earn_what_did_not_come_back_at_the_till(self):
        program = self.program.sudo()
        program.is_active = False
        orders = self._in_office(4) | self._in_office()
        orders.action_confirm()
        orders.date_order = program.accounts_since - timedelta(days=9)
        first, second = (self._pay(order) for order in orders)
        self._refund(first, (first.lines, 1))
        self._refund(second)
        program.is_active = True
        backfill = self.env["loyalty.backfill"].sudo().new({"program_id": program.id})
        (rows,) = backfill._base_points(self.nadia.ids).values()
        shares = {number: share for number, *_rest, share in rows}
        self.assertEqual(shares, {orders[0].id: 0.25, orders[1].id: 1})
