from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon

LATER = NOW + timedelta(days=8)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestPendingRefunds(RefundCommon):
    """What is refunded of an order takes its part of what pends, and of what pended."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.pending_days = 7
        cls.account = cls._member()

    def _release(self):
        with freeze_time(LATER):
            self.env["loyalty.pending"]._release_due(LATER, 100)

    def _assert_stands(self, balance, pending):
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.account.points_balance, self.account.points_pending
        self.assertEqual(found, (balance, pending))
        self._assert_sound(self.account)

    def test_parts_shrink_what_pends_and_the_rest_is_released(self):
        order = self._buy(self.account, 100)
        invoice = self._invoice(order)
        self._refund(invoice, 30)
        self._assert_stands(0, 70)
        self._refund(invoice, 20)
        self._assert_stands(0, 50)
        self._release()
        self._assert_stands(50, 0)
        order._action_cancel()
        self._assert_stands(0, 0)

    def test_what_was_released_after_a_part_loses_the_next_part_alone(self):
        order = self._buy(self.account, 100)
        invoice = self._invoice(order)
        first = self._refund(invoice, 30)
        self._release()
        self._assert_stands(70, 0)
        second = self._refund(invoice, 20)
        self._assert_stands(50, 0)
        second.button_draft()
        self._assert_stands(70, 0)
        first.button_draft()
        self._assert_stands(100, 0)
        first.action_post()
        second.action_post()
        self._assert_stands(50, 0)
        self._refund(invoice, 50)
        self._assert_stands(0, 0)
        order._action_cancel()
        self._assert_stands(0, 0)
        self.assertEqual(self.account.points_lifetime, 0)

    def test_a_credit_note_that_is_withdrawn_brings_them_back(self):
        invoice = self._invoice(self._buy(self.account, 100))
        parts = [self._refund(invoice, amount) for amount in (30, 70)]
        self._assert_stands(0, 0)
        parts[1].button_draft()
        self._assert_stands(0, 70)
        parts[0].button_draft()
        self._assert_stands(0, 100)
        self.assertEqual(len(self.account.pending_ids), 1)
        self._release()
        self._assert_stands(100, 0)

    def test_what_comes_back_by_a_return_takes_its_part(self):
        self.product.invoice_policy = "delivery"
        order = self._create_order(self.account.customer_id, None, 10)
        order.order_line.product_uom_qty = 10
        order.action_confirm()
        order.order_line.qty_delivered = 10
        order._create_invoices().action_post()
        self._assert_stands(0, 100)
        order.order_line.qty_delivered = 7
        self._assert_stands(0, 100)
        order._create_invoices(final=True).action_post()
        self._assert_stands(0, 70)
        self._release()
        order.order_line.qty_delivered = 6
        order._create_invoices(final=True).action_post()
        self._assert_stands(60, 0)

    def test_what_is_held_for_review_shrinks_as_well(self):
        self.program.daily_earning_cap = 50
        invoice = self._invoice(self._buy(self.account, 100))
        self._refund(invoice, 30)
        held = self.account.pending_ids
        self.assertEqual((held.points, held.state), (70, "held"))
        review = {"pending_ids": held.ids, "reason": "Known"}
        self.env["loyalty.review"].create(review).action_approve()
        self._release()
        self._assert_stands(70, 0)
        self._refund(invoice, 20)
        self._assert_stands(50, 0)

    def test_parts_are_rounded_together(self):
        order = self._buy(self.account, 33)
        self._assert_stands(0, 33)
        order.order_line.price_unit = 66
        self._assert_stands(0, 66)
        invoice = self._invoice(order)
        self._refund(invoice, 33)
        self._assert_stands(0, 33)
        self._release()
        self._assert_stands(33, 0)

    def test_an_order_that_grew_while_a_part_was_released(self):
        order = self._buy(self.account, 100)
        self._release()
        self._assert_stands(100, 0)
        with freeze_time(LATER):
            order.order_line.price_unit = 150
            self._assert_stands(100, 50)
            invoice = self._invoice(order)
            self._refund(invoice, 75)
            self._assert_stands(50, 25)
            self._refund(invoice, 75)
            self._assert_stands(0, 0)
