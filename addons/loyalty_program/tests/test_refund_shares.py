from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestRefundShares(RefundCommon):
    """How much of an order was refunded: by its goods, whoever paid for them."""

    def test_order_paid_by_points_alone_gives_them_back_when_refunded(self):
        account, order = self._paid_with_points(amount=10)
        self.assertEqual(order.amount_total, 0)
        self.assertEqual(account.points_redeemed, 100)
        self._refund(self._invoice(order))
        self.assertEqual((account.points_redeemed, account.points_balance), (0, 100))

    def test_order_paid_by_code_alone(self):
        account = self._member(100)
        found = self.service.redeem(account.customer_id.id, self.program.reward_ids.id)
        order = self._create_order(account.customer_id, None, 10)
        status = order._try_apply_code(found["code"])
        for card, rewards in status.items():
            order._apply_program_reward(rewards, card)
        self.assertEqual(order.amount_total, 0)
        order.action_confirm()
        self._refund(self._invoice(order))
        self.assertEqual(account.points_balance, 100)

    def test_partial_quantity_of_a_mostly_paid_by_points_order(self):
        """Ten at 2, of which points pay 10; five come back, which cost 10."""
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 2)
        order.order_line.product_uom_qty = 10
        order.order_line.price_unit = 2
        self._claim(order, account)
        order.action_confirm()
        self.assertEqual(order.amount_total, 10)
        order.order_line.filtered(lambda l: not l.reward_id).qty_delivered = 10
        order.order_line.filtered("reward_id").qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        refund = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        good = refund.invoice_line_ids.filtered(lambda l: l.price_unit > 0)
        rest = refund.invoice_line_ids - good
        refund.invoice_line_ids = [
            Command.update(good.id, {"quantity": 5}),
            *(Command.delete(line.id) for line in rest),
        ]
        refund.action_post()
        self.assertEqual(refund.amount_total, 10)
        # Half of the goods stay with the customer: half of the points stay spent.
        self.assertEqual(account.points_redeemed, 50)

    def _pay_down(self, order, method, **amount):
        """A posted invoice of a down payment."""
        orders = [Command.set(order.ids)]
        values = {"advance_payment_method": method, "sale_order_ids": orders}
        wizard = self.env["sale.advance.payment.inv"].create({**values, **amount})
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        return invoice

    def test_downpayment(self):
        account = self._member()
        order = self._buy(account, 100)
        first = self._pay_down(order, "percentage", amount=30)
        self.assertEqual(account.points_balance, 100)
        order.order_line.filtered("product_id").qty_delivered = 1
        final = order._create_invoices(final=True)
        final.action_post()
        self.assertEqual(account.points_balance, 100)
        self._refund(final)
        self.assertEqual(account.points_balance, 30)
        self._refund(first)
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_downpayment_refunded_alone_then_invoiced_in_full(self):
        account = self._member()
        order = self._buy(account, 100)
        first = self._pay_down(order, "fixed", fixed_amount=30)
        self._refund(first)
        after = account.points_balance
        order.order_line.filtered("product_id").qty_delivered = 1
        order._create_invoices(final=True).action_post()
        self.assertEqual((after, account.points_balance), (70, 100))
        self._assert_sound(account)

    def _invoiced_at(self, price, order):
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices()
        invoice.invoice_line_ids.price_unit = price
        invoice.action_post()
        return invoice

    def test_invoice_lowered_is_what_was_paid(self):
        account = self._member()
        invoice = self._invoiced_at(80, self._buy(account, 100))
        self._refund(invoice)
        self.assertEqual(account.points_balance, 0, self._rows_of(account))

    def test_invoice_raised_is_what_was_paid(self):
        account = self._member()
        invoice = self._invoiced_at(120, self._buy(account, 100))
        self._refund(invoice, 60)
        self.assertEqual(account.points_balance, 50, self._rows_of(account))

    def test_deliveries_that_are_refunded_leave_points_alone(self):
        if "is_delivery" not in self.env["sale.order.line"]._fields:
            self.skipTest("nothing is delivered")
        account = self._member()
        order = self._create_order(account.customer_id, None, 100)
        self._add_delivery(order, 50)
        if not order._get_no_effect_on_threshold_lines():
            self.skipTest("deliveries earn points")
        order.action_confirm()
        self.assertEqual(account.points_balance, 100)
        invoice = self._invoice(order)
        refund = invoice._reverse_moves([{}])
        goods = refund.invoice_line_ids.filtered(lambda l: l.price_unit == 100)
        refund.invoice_line_ids = [Command.delete(goods.id)]
        refund.action_post()
        self.assertEqual(account.points_balance, 100)
        self._assert_sound(account)
        # Nor is it a former refund of the goods.
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self._refund(invoice, 20)
        self.assertEqual(account.points_balance, 80)
        self._assert_sound(account)

    def test_what_was_refunded_before_is_no_part_of_a_new_confirmation(self):
        account = self._member()
        order = self._buy(account, 100)
        invoice = self._invoice(order)
        self._refund(invoice, 30)
        self.assertEqual(account.points_balance, 70)
        order._action_cancel()
        self.assertEqual(account.points_balance, 0)
        order.action_draft()
        order.action_confirm()
        for _again in range(2):
            self.service.process_order(order.id)
            self.assertEqual(account.points_balance, 100)
        self._refund(invoice, 20)
        self.assertEqual(account.points_balance, 80)
        self._assert_sound(account)

    def test_a_refunded_order_that_is_confirmed_and_invoiced_again(self):
        account = self._member()
        order = self._buy(account, 100)
        self._refund(self._invoice(order))
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.service.process_order(order.id)
        self.assertEqual(account.points_balance, 100)
        invoice = self._invoice(order)
        self.assertEqual(account.points_balance, 100)
        self._refund(invoice)
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_credit_note_with_a_line_of_its_own(self):
        account = self._member()
        order = self._buy(account, 100)
        invoice = self._invoice(order)
        refund = self._refund_apart(invoice, 30)
        self.assertEqual(refund.reversed_entry_id, invoice)
        self.assertEqual(account.points_balance, 70)

    def test_a_line_of_its_own_is_shared_by_the_orders_of_the_invoice(self):
        account = self._member()
        orders = self._buy(account, 60) | self._buy(account, 40)
        orders.order_line.qty_delivered = 1
        invoice = orders._create_invoices()
        self.assertEqual(len(invoice), 1)
        invoice.action_post()
        self._refund_apart(invoice, 50)
        points = [order._loyalty_points() for order in orders]
        self.assertEqual(points, [30, 20])
        self._assert_sound(account)

    def test_goods_that_cost_nothing_count_by_how_many_come_back(self):
        self.program.rule_ids.write({"reward_point_mode": "unit"})
        account = self._member()
        order = self._create_order(account.customer_id, None, 0)
        order.order_line.write({"product_uom_qty": 10, "price_unit": 0})
        order.action_confirm()
        self.assertEqual(account.points_balance, 10)
        order.order_line.qty_delivered = 10
        invoice = order._create_invoices()
        invoice.action_post()
        refund = invoice._reverse_moves([{"date": invoice.date}])
        refund.invoice_line_ids.quantity = 4
        refund.action_post()
        self.assertEqual(account.points_balance, 6)
        self._assert_sound(account)

    def _gift_card(self, points=100):
        reward = {
            "reward_type": "discount",
            "discount_mode": "per_point",
            "discount": 1,
            "discount_applicability": "order",
            "required_points": 1,
        }
        program = self.env["loyalty.program"].create(
            {
                "name": "Gift cards",
                "program_type": "gift_card",
                "applies_on": "future",
                "trigger": "auto",
                "company_id": self.shop.id,
                "reward_ids": [Command.clear(), Command.create(reward)],
            }
        )
        values = {"program_id": program.id, "points": points}
        return self.env["loyalty.card"].create(values)

    def _pay_with(self, order, card):
        for coupon, rewards in order._try_apply_code(card.code).items():
            order._apply_program_reward(rewards, coupon)

    def test_order_paid_by_gift_card_refunded(self):
        card = self._gift_card()
        account = self._member()
        order = self._create_order(account.customer_id, None, 100)
        self._pay_with(order, card)
        self.assertEqual(order.amount_total, 0)
        order.action_confirm()
        self.assertEqual(account.points_balance, 100)
        self._refund(self._invoice(order))
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_order_mostly_paid_by_gift_card_partly_refunded(self):
        """Ten at 10, of which a gift card pays 90: one that comes back is a tenth."""
        card = self._gift_card(90)
        account = self._member()
        order = self._create_order(account.customer_id, None, 10)
        order.order_line.product_uom_qty = 10
        order.order_line.price_unit = 10
        self._pay_with(order, card)
        self.assertEqual(order.amount_total, 10)
        order.action_confirm()
        self.assertEqual(account.points_balance, 100)
        order.order_line[0].qty_delivered = 10
        order.order_line[1:].qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        refund = invoice._reverse_moves([{"date": invoice.date}])
        good = refund.invoice_line_ids.filtered(lambda l: l.price_unit > 0)
        refund.invoice_line_ids = [
            Command.update(good.id, {"quantity": 1}),
            *(Command.delete(l.id) for l in refund.invoice_line_ids - good),
        ]
        refund.action_post()
        self.assertEqual(account.points_balance, 90)

    def test_percent_reward_of_a_multiline_refund(self):
        self.program.write(
            {
                "reward_ids": [
                    Command.update(
                        self.program.reward_ids.id,
                        {"discount_mode": "percent", "discount": 100},
                    )
                ]
            }
        )
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 80)
        self._claim(order, account)
        self.assertEqual(order.amount_total, 0)
        order.action_confirm()
        self._refund(self._invoice(order))
        self.assertEqual(account.points_redeemed, 0)
