from odoo import Command, fields
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestRefunds(LoyaltyCommon):
    """Points follow the money, both ways, in proportion."""

    def _invoice(self, order):
        order.order_line.filtered(lambda l: not l.reward_id).qty_delivered = 1
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _refund(self, invoice, amount=None):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": fields.Date.today()})
        )
        action = wizard.refund_moves()
        refund = self.env["account.move"].browse(action["res_id"])
        if amount is not None:
            line = refund.invoice_line_ids[0]
            refund.invoice_line_ids = [
                Command.update(line.id, {"price_unit": amount}),
                *(Command.delete(rest.id) for rest in refund.invoice_line_ids[1:]),
            ]
        refund.action_post()
        return refund

    def test_a_part_that_is_refunded_earns_nothing(self):
        account = self._member()
        order = self._buy(account, 100)
        invoice = self._invoice(order)
        self.assertEqual(account.points_balance, 100)
        self._refund(invoice, 30)
        self.assertEqual(account.points_balance, 70)
        self.assertEqual(account.points_lifetime, 70)
        self._refund(invoice, 20)
        self.assertEqual(account.points_balance, 50)
        order._action_cancel()
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_a_refund_that_is_taken_back_earns_again(self):
        account = self._member()
        invoice = self._invoice(self._buy(account, 100))
        refund = self._refund(invoice, 30)
        refund.button_draft()
        self.assertEqual(account.points_balance, 100)
        refund.action_post()
        self.assertEqual(account.points_balance, 70)
        self._assert_sound(account)

    def test_redeemed_points_come_back_in_proportion(self):
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 110)
        self._claim(order, account)
        order.action_confirm()
        self.assertEqual(account.points_balance, 110)
        invoice = self._invoice(order)
        self._refund(invoice, 50)
        self.assertEqual(account.points_redeemed, 50)
        self.assertEqual(account.points_lifetime, 155)
        self._assert_sound(account)
        order._action_cancel()
        self.assertEqual((account.points_balance, account.points_redeemed), (100, 0))
        self._assert_sound(account)

    def test_a_corrected_invoice_takes_nothing_back(self):
        account = self._member()
        order = self._buy(account, 100)
        self._refund(self._invoice(order))
        self.assertEqual(account.points_balance, 0)
        self._invoice(order)
        self.assertEqual(account.points_balance, 100)
        self._assert_sound(account)
