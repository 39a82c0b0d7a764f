import logging
import os
import random
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon

_logger = logging.getLogger(__name__)
FULL = os.environ.get("LIFECYCLE_FULL") == "1"
OPERATIONS = 20_000 if FULL else 600
CHECK_EVERY = 1000 if FULL else 200
MEMBERS = 40


@tagged("post_install", "-at_install")
class TestRandom(LoyaltyCommon):
    """Whatever happens, through whatever door, the ledger adds up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dice = random.Random(11)
        cls.moment = NOW
        cls.program.earning_rules = [
            {"type": "purchase", "points_per_unit": 2, "unit": "currency"},
            {"type": "birthday", "points": 30},
        ]
        cls.program.points_expiry_months = 2
        cls.done = {}
        with freeze_time(NOW):
            cls.members = [cls._member(100) for _each in range(MEMBERS)]
        cls.orders = cls.env["sale.order"]

    def _anybody(self):
        return self.dice.choice([m for m in self.members if m.active])

    def _some_order(self, state):
        found = self.orders.exists().filtered(lambda order: order.state == state)
        return self.dice.choice(found) if found else None

    # --------------------------------------------------------------------- doors
    def _do_order(self):
        account = self._anybody()
        order = self._create_order(account.customer_id, None, self.dice.randint(1, 90))
        type(self).orders = self.orders + order
        if self.dice.random() < 0.5:
            self._claim(order, account)
        order.action_confirm()

    def _do_draft(self):
        account = self._anybody()
        order = self._create_order(account.customer_id, None, self.dice.randint(1, 90))
        type(self).orders = self.orders + order
        self._claim(order, account)

    def _do_confirm(self):
        order = self._some_order("draft")
        if order:
            order.action_confirm()

    def _do_cancel(self):
        order = self._some_order("sale")
        if order:
            order._action_cancel()

    def _do_revive(self):
        order = self._some_order("cancel")
        if order:
            order.action_draft()
            order.action_confirm()

    def _do_claim_late(self):
        order = self._some_order("sale")
        if order:
            account = self.accounts._account_of(self.program, order.partner_id)
            self._claim(order, account)

    def _do_change_cost(self):
        order = self._some_order("sale")
        lines = order.order_line.filtered("reward_id") if order else None
        if lines:
            lines[0].points_cost = self.dice.randint(0, 120)

    def _do_write_card(self):
        card = self._anybody().card_id
        card.points = max(card.points + self.dice.randint(-60, 60), 0)

    def _do_wizard(self):
        card = self._anybody().card_id
        self.env["loyalty.card.update.balance"].create(
            {
                "card_id": card.id,
                "new_balance": self.dice.randint(0, 300),
                "description": "Random",
            }
        ).action_update_card_point()

    def _do_service(self):
        account = self._anybody()
        self.dice.choice(
            [
                lambda: account.earn_points(self.dice.randint(1, 80), "test"),
                lambda: account.redeem_points(self.dice.randint(1, 80), "discount", 1),
                lambda: account.adjust_points(self.dice.randint(-40, 40) or 1, "Why"),
                lambda: account.transfer_points(
                    self._anybody().customer_id.id, self.dice.randint(1, 50)
                ),
                lambda: self.service.redeem(
                    account.customer_id.id, self.program.reward_ids[0].id
                ),
            ]
        )()

    def _do_repeat(self):
        order = self._some_order("sale")
        if order:
            self.service.process_order(order.id)

    def _do_reverse(self):
        order = self._some_order("sale")
        if order:
            self.service.reverse_order(order.id)

    def _do_wait(self):
        type(self).moment = self.moment + timedelta(days=self.dice.randint(1, 6))
        self.env["loyalty.expiry"]._expire_all(self.moment)
        self.env["loyalty.pending"]._release_due(self.moment, 1000)
        self.accounts._return_codes(self.moment, 1000)

    def _do_policy(self):
        self.program.write(
            {
                "shortfall": self.dice.choice(["debt", "cap", "block"]),
                "pending_days": self.dice.choice([0, 0, 3]),
            }
        )

    def _do_merge(self):
        if self.dice.random() < 0.1 and len(self.accounts.search([])) > MEMBERS // 2:
            target, source = self._anybody(), self._anybody()
            if target != source:
                wizard = self.env["base.partner.merge.automatic.wizard"].create({})
                partners = target.customer_id | source.customer_id
                wizard._merge(partners.ids, target.customer_id)
                self.env.invalidate_all()

    # ------------------------------------------------------------------------ test
    def _once(self, names):
        name = self.dice.choice(names)
        try:
            with freeze_time(self.moment), self.env.cr.savepoint():
                getattr(self, name)()
            self.done[name] = self.done.get(name, 0) + 1
        except UserError:
            # Refused in the customer's words; nothing may be half-written.
            self.env.invalidate_all()

    def test_the_ledger_adds_up_after_everything(self):
        names = sorted(name for name in dir(self) if name.startswith("_do_"))
        for number in range(1, OPERATIONS + 1):
            self._once(names)
            if number % CHECK_EVERY == 0:
                self._assert_sound()
                self.env.invalidate_all()
        _logger.info("%s operations: %s", OPERATIONS, self.done)
        self.assertEqual(set(self.done), set(names))
        kinds = set(self.transactions.search([]).mapped("transaction_type"))
        self.assertEqual(kinds, {"earn", "redeem", "expire", "adjust", "transfer"})
