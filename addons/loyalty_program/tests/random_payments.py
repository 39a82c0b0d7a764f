from odoo import Command

from .payment_common import PaymentCommon
from .random_orders import OrderDoors


class PaymentDoors(PaymentCommon, OrderDoors):
    """Ways by which money, and whose an order is, move points."""

    def _do_pay_online(self):
        order = self._fresh_order()
        if self.dice.random() < 0.3:
            self._claim(order, self._account_of(order))
        self._pay(order)

    def _do_pay_for_what_is_confirmed(self):
        order = self._order_in("sale")
        if order.amount_total > 0:
            self._pay(order)

    def _do_give_money_back(self):
        paid = self._some(
            "payment.transaction",
            ("state", "=", "done"),
            ("operation", "=", "online_redirect"),
            ("sale_order_ids.state", "=", "sale"),
        )
        most = max(int(paid.amount), 1)
        self._give_back(paid.sale_order_ids, paid, self.dice.randint(1, most))

    def _do_bonus_for_an_order(self):
        order = self._order_in("sale")
        account = self._account_of(order)
        account.earn_points(self.dice.randint(1, 40), "sale.order", order.id)

    def _do_other_customer(self):
        order = self._order_in("draft", "sale")
        order.partner_id = self._anybody().customer_id

    def _do_ask_twice(self):
        account = self._anybody()
        key = f"twice:{self.dice.randint(0, 10**9)}"
        for _each in range(2):
            account._redeem_reward(self.program.reward_ids[:1], key)

    def _do_pay_with_a_code(self):
        order = self._order_with_a_code()
        order.order_line = [
            Command.create({"product_id": self.product.id, "price_unit": 3})
        ]
        payment = self._transaction(order, order.amount_total)
        payment._set_pending()
        if self.dice.random() < 0.7:
            payment._set_done()
            payment._check_amount_and_confirm_order()

    def _account_of(self, order):
        return self.accounts._account_of(self.program, order.partner_id)
