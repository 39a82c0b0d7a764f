from unittest.mock import patch

from odoo import Command
from odoo.tests import freeze_time, tagged

from .backfill_common import BackfillCommon
from .common import NOW
from .payment_common import PaymentCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestBackfillRefunds(PaymentCommon, BackfillCommon):
    """Past orders earn what was kept, whichever way the rest was refunded."""

    def _assert_earned(self, points, order, customer=None):
        """As the back-fill counts, so does the order afterwards."""
        self._run()
        account = self._account(customer)
        self.assertEqual(account.points_balance, points)
        for each in order:
            each._loyalty_settle_refunds()
        self.assertEqual(account.points_balance, points)
        self._assert_sound(account)

    def test_money_of_the_order(self):
        order = self._past(100)
        self._give_back(order, self._pay(order), 30)
        self._past(10, 1)
        self._assert_earned(80, order)

    def test_money_of_its_payment(self):
        order = self._past(100)
        self._give_back_of(self._pay(order), 100)
        self._assert_earned(0, order)

    def test_money_that_was_captured_in_parts(self):
        order = self._past(100)
        paid = self._transaction(order, 100)
        for amount in (40, 60):
            captured = paid._create_child_transaction(amount)
            captured._set_done()
        paid._set_done()
        self._give_back_of(captured, 60)
        self._assert_earned(40, order)

    def test_money_of_an_invoice_that_was_paid_by_its_own_link(self):
        order = self._past(100)
        self._give_back_of(self._pay_online(self._invoice(order)), 30)
        self._assert_earned(70, order)

    def test_money_of_a_capture_of_an_invoice_for_several_orders(self):
        orders = self._past(60) | self._past(40)
        paid = self._pay_online(self._invoice(orders))
        captured = paid._create_child_transaction(100)
        captured._set_done()
        self._give_back_of(captured, 50)
        self._run()
        self.assertEqual([order._loyalty_points() for order in orders], [30, 20])
        self._assert_sound(self._account())

    def test_credit_notes_with_lines_of_their_own(self):
        order = self._past(100)
        self._refund_apart(self._invoice(order), 30)
        self._assert_earned(70, order)

    def test_a_line_of_its_own_is_shared_by_the_orders_of_the_invoice(self):
        orders = self._past(60) | self._past(40)
        self._refund_apart(self._invoice(orders), 50)
        self._run()
        self.assertEqual([order._loyalty_points() for order in orders], [30, 20])
        self._assert_sound(self._account())

    def test_money_and_the_credit_note_that_followed(self):
        order = self._past(100)
        paid = self._pay(order)
        invoice = self._invoice(order)
        self._give_back(order, paid, 40)
        self._refund(invoice, 40)
        self._assert_earned(60, order)

    def test_what_did_not_happen_takes_nothing(self):
        order = self._past(100)
        paid = self._pay(order)
        paid._create_child_transaction(30, is_refund=True)
        draft = self._refund_apart(self._invoice(order), 50)
        draft.button_draft()
        self._assert_earned(100, order)

    def test_other_orders_are_read_off_in_the_query(self):
        other = self._create_customer()
        kept, back = self._past(100), self._past(50, 0, other)
        noted = self._past(80, 1)
        self._pay(kept)
        self._refund(self._invoice(noted), 30)
        self._give_back_of(self._pay(back), 50)
        orders = self.registry["sale.order"]
        asked, share = [], orders._loyalty_refunded_share

        def ask(order, program=None):
            asked.append(order.id)
            return share(order, program)

        backfill = self._backfill()
        with patch.object(orders, "_loyalty_refunded_share", ask):
            found = backfill._base_points([*self.customer.ids, *other.ids])
        self.assertEqual(asked, back.ids)
        shares = {row[0]: row[-1] for rows in found.values() for row in rows}
        self.assertEqual(shares, {kept.id: 0, noted.id: 30 / 80, back.id: 1})

    def test_many_refunded_orders_of_one_payment(self):
        orders = self._past(60) | self._past(40)
        every = [Command.set(orders.ids)]
        paid = self._transaction(orders[0], 100, sale_order_ids=every)
        paid._set_done()
        self._give_back_of(paid, 50)
        self._run()
        self.assertEqual([order._loyalty_points() for order in orders], [30, 20])
