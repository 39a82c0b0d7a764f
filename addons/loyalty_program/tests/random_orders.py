from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .random_doors import Doors


class OrderDoors(Doors):
    """Ways that orders and their invoices move points."""

    def _fresh_order(self, account=None, **values):
        customer = (account or self._anybody()).customer_id
        return self._create_order(customer, None, self.dice.randint(1, 90), **values)

    def _order_in(self, *states):
        return self._some(
            "sale.order",
            ("state", "in", states),
            ("partner_id", "in", self.members.customer_id.ids),
        )

    # ------------------------------------------------------------------------ orders
    def _do_order(self):
        account = self._anybody()
        order = self._fresh_order(account)
        if self.dice.random() < 0.5:
            self._claim(order, account)
        order.action_confirm()

    def _do_two_orders(self):
        account = self._anybody()
        orders = self._fresh_order(account) | self._fresh_order()
        for order in orders:
            self._claim(order, account)
        orders.action_confirm()

    def _do_draft(self):
        account = self._anybody()
        self._claim(self._fresh_order(account), account)

    def _do_confirm(self):
        self._order_in("draft").action_confirm()

    def _do_cancel(self):
        self._order_in("sale")._action_cancel()

    def _do_revive(self):
        order = self._order_in("cancel")
        order.action_draft()
        order.action_confirm()

    def _do_repeat(self):
        self.service.process_order(self._order_in("sale").id)

    def _do_change(self):
        lines = self._order_in("sale").order_line
        lines.filtered(lambda line: not line.reward_id)[
            :1
        ].price_unit = self.dice.randint(0, 120)

    def _do_add_line(self):
        self._order_in("sale").order_line = [
            Command.create(
                {"product_id": self.product.id, "price_unit": self.dice.randint(1, 40)}
            )
        ]

    def _do_reverse(self):
        self.service.reverse_order(self._order_in("sale").id)

    # ----------------------------------------------------------------------- rewards
    def _do_claim_late(self):
        order = self._order_in("sale")
        account = self.accounts._account_of(self.program, order.partner_id)
        self._claim(order, account)

    def _do_change_cost(self):
        lines = self._order_in("sale").order_line.filtered("reward_id")
        if lines:
            lines[0].points_cost = self.dice.randint(0, 120)

    def _do_drop_reward(self):
        self._order_in("draft", "sale").order_line.filtered("reward_id").unlink()

    def _do_use_code(self):
        self._order_with_a_code().action_confirm()

    def _order_with_a_code(self):
        card = self._some(
            "loyalty.card", ("redemption_id", "!=", False), ("points", ">=", 1)
        )
        order = self._create_order(card.partner_id, None, self.dice.randint(20, 90))
        status = order._try_apply_code(card.code)
        if "error" in status:
            raise UserError(status["error"])
        order._apply_program_reward(status[card], card)
        return order

    # ---------------------------------------------------------------------- invoices
    def _do_invoice(self):
        order = self._order_in("sale")
        order.order_line.qty_delivered = 1
        order._create_invoices().action_post()

    def _do_refund(self):
        invoice = self._move("out_invoice", "posted")
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": fields.Date.today()})
        )
        refund = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        if self.dice.random() < 0.7:
            line, *rest = refund.invoice_line_ids
            price = self.dice.randint(1, max(int(line.price_unit), 1))
            refund.invoice_line_ids = [
                Command.update(line.id, {"price_unit": price}),
                *(Command.delete(other.id) for other in rest),
            ]
        refund.action_post()

    def _do_withdraw_refund(self):
        self._move("out_refund", "posted").button_draft()

    def _do_refund_after_all(self):
        self._move("out_refund", "draft").action_post()

    def _do_correct_invoice(self):
        invoice = self._move("out_invoice", "posted")
        invoice.button_draft()
        if self.dice.random() < 0.8:
            invoice.action_post()

    def _move(self, kind, state):
        return self._some(
            "account.move",
            ("move_type", "=", kind),
            ("state", "=", state),
            ("partner_id", "in", self.members.customer_id.ids),
        )

    # ------------------------------------------------------------------- past orders
    def _do_backfill(self):
        """Orders of the time before the accounts, credited later."""
        self.program.is_active = False
        for _each in range(self.dice.randint(1, 3)):
            days = self.dice.randint(1, 300)
            moment = self.program.accounts_since - timedelta(days=days)
            with freeze_time(moment):
                order = self._fresh_order()
                order.action_confirm()
                order.date_order = moment
        self.program.is_active = True
        backfill = self.env["loyalty.backfill"].create({"program_id": self.program.id})
        backfill.action_start()
        backfill._run(self.moment)
