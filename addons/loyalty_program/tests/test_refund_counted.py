from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestRefundCounted(RefundCommon):
    """A program counts milk, and no cheese: what never earned costs no points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        products = cls.env["product.product"].create(
            [
                {"name": name, "invoice_policy": "order", "type": "consu"}
                for name in ("Milk", "Cheese")
            ]
        )
        cls.milk, cls.cheese = products
        cls.program.rule_ids.product_ids = cls.milk

    def _basket(self, milk=100, cheese=100):
        account = self._member()
        order = self._create_order(account.customer_id, None, milk)
        line = order.order_line
        line.product_id, line.price_unit, line.tax_ids = self.milk, milk, False
        other = {"product_id": self.cheese.id, "price_unit": cheese, "tax_ids": False}
        order.order_line = [Command.create(other)]
        order.action_confirm()
        return account, order

    def _give_back(self, invoice, product, price):
        """Refund a part of what one product cost."""
        refund = invoice._reverse_moves([{}])
        line = refund.invoice_line_ids.filtered(lambda l: l.product_id == product)
        refund.invoice_line_ids = [
            Command.update(line.id, {"price_unit": price}),
            *(Command.delete(rest.id) for rest in refund.invoice_line_ids - line),
        ]
        refund.action_post()
        return refund

    def test_what_earned_nothing_costs_nothing(self):
        account, order = self._basket()
        self.assertEqual(account.points_balance, 100)
        self._give_back(self._invoice(order), self.cheese, 100)
        self.assertEqual(account.points_balance, 100)
        self._assert_sound(account)

    def test_what_earned_costs_all_that_it_earned(self):
        account, order = self._basket()
        invoice = self._invoice(order)
        self._give_back(invoice, self.milk, 40)
        self.assertEqual(account.points_balance, 60)
        self._give_back(invoice, self.milk, 60)
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_by_the_rules_of_the_day_of_the_order(self):
        account, order = self._basket()
        self.program.rule_ids.product_ids = self.cheese
        invoice = self._invoice(order)
        self._give_back(invoice, self.cheese, 100)
        self.assertEqual(account.points_balance, 100)
        self._give_back(invoice, self.milk, 100)
        self.assertEqual(account.points_balance, 0)

    def test_confirmed_again_after_both_were_refunded_in_part(self):
        account, order = self._basket()
        invoice = self._invoice(order)
        self._give_back(invoice, self.milk, 30)
        self._give_back(invoice, self.cheese, 70)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(account.points_balance, 100)
        self._give_back(invoice, self.milk, 20)
        self.assertEqual(account.points_balance, 80)
        self._assert_sound(account)

    def test_points_that_paid_come_back_for_all_goods(self):
        """The reward lowered the price of both."""
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 50)
        line = order.order_line
        line.product_id, line.price_unit, line.tax_ids = self.milk, 50, False
        other = {"product_id": self.cheese.id, "price_unit": 50, "tax_ids": False}
        order.order_line = [Command.create(other)]
        self._claim(order, account)
        order.action_confirm()
        spent = account.points_redeemed
        self.assertGreater(spent, 0)
        self._give_back(self._invoice(order), self.cheese, 50)
        self.assertEqual(account.points_redeemed, spent / 2)
        self._assert_sound(account)
