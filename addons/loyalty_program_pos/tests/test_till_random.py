import logging
import random
from collections import Counter
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.loyalty_program.tests.flaws import FLAWS
from odoo.addons.loyalty_program.tests.random_doors import NothingThereError

from .till_common import TillCommon

_logger = logging.getLogger(__name__)

MEMBERS = 12
# Orders of the till that something more is done to are among the newest.
RECENT = 40


class TillWalk(TillCommon):
    """Whatever happens at a till, and to its members meanwhile, the ledger adds up."""

    def _begin(self, seed):
        self.dice, self.begun = random.Random(seed), fields.Datetime.now()
        self.moment = self.begun
        self.program.points_expiry_months = 2
        people = self.env["res.partner"].create(
            [{"name": f"Member {number}"} for number in range(MEMBERS)]
        )
        self.members = people.browse()
        for person in people:
            self.members += self._member(person, 150).customer_id
        self.orders = self.env["pos.order"]

    def _walk(self, operations, check_every):
        self.done = Counter()
        names = sorted(name for name in dir(self) if name.startswith("_do_"))
        for number in range(1, operations + 1):
            name = self.dice.choice(names)
            self.done[f"{name}:{self._once(name)}"] += 1
            if number % check_every == 0:
                self._assert_sound()
                for flaw, query in FLAWS.items():
                    self.env.cr.execute(query)
                    self.assertFalse(self.env.cr.fetchall(), flaw)
        _logger.info("done: %s", dict(self.done))
        for name in names:
            self.assertTrue(self.done[f"{name}:done"], name)

    def _once(self, name):
        try:
            with freeze_time(self.moment), self.env.cr.savepoint():
                getattr(self, name)()
                self.env.flush_all()
        except NothingThereError:
            return "idle"
        except UserError:
            self.env.invalidate_all()
            return "refused"
        return "done"

    def _anybody(self):
        return self.dice.choice(self.members.exists().filtered("active"))

    def _account_of(self, customer):
        account = self._account(customer)
        if not account:
            raise NothingThereError
        return account

    def _some_order(self):
        found = self.orders.exists()[-RECENT:]
        if not found:
            raise NothingThereError
        return self.dice.choice(found)

    # ---------------------------------------------------------------------- the till
    def _do_sell(self):
        customer = self._anybody()
        lines = [(self.milk, self.dice.randint(1, 3))]
        if self.dice.random() < 0.4:
            lines.append(self._discount(self._account_of(customer).card_id))
        self.orders += self._sell(*lines, customer=customer).sudo()

    def _do_sell_to_nobody(self):
        self.orders += self._sell((self.bread, 2)).sudo()

    def _do_refund(self):
        order = self._some_order()
        lines = order.lines.filtered(lambda line: line.qty > 0)
        pairs = [(line, self.dice.randint(1, int(line.qty))) for line in lines]
        if not pairs:
            raise NothingThereError
        self._refund(order, *pairs)

    def _do_say_something(self):
        order = self._some_order()
        card = self._account_of(self._anybody()).card_id
        program = self.dice.choice([self.program.id, 0])
        points = self.dice.randint(-500, 500)
        self._confirm(order, card.id, points, program_id=program)

    def _do_other_customer(self):
        order = self._some_order()
        order.partner_id = self.dice.choice([self._anybody().id, False])

    # ------------------------------------------------------------------ the members
    def _do_earn(self):
        self._account_of(self._anybody()).earn_points(self.dice.randint(1, 80), "test")

    def _do_redeem(self):
        account = self._account_of(self._anybody())
        account.redeem_points(self.dice.randint(1, 150), "discount", 1)

    def _do_transfer(self):
        giver, taker = self._anybody(), self._anybody()
        points = self.dice.randint(1, 60)
        self._account_of(giver).transfer_points(taker.id, points)

    def _do_merge(self):
        target, source = self._anybody(), self._anybody()
        if target != source and self.dice.random() < 0.3 and len(self.members) > 6:
            self.members -= source
            wizard = self.env["base.partner.merge.automatic.wizard"].create({})
            wizard._merge([target.id, source.id], target)
            self.env.invalidate_all()

    def _do_wait(self):
        self.moment += timedelta(days=self.dice.randint(0, 9))
        self.env["loyalty.service"].expire_points()

    def _do_policy(self):
        shortfall = self.dice.choice(["block", "cap", "debt"])
        pending = self.dice.choice([0, 0, 0, 3])
        self.program.write({"shortfall": shortfall, "pending_days": pending})

    def _do_release(self):
        self.env["loyalty.pending"]._release_due(self.moment, 100)


@tagged("post_install", "-at_install")
class TestTillRandom(TillWalk):
    def test_the_ledger_adds_up_after_everything(self):
        self._begin(1)
        self._walk(200, 50)


@tagged("post_install", "-at_install", "-standard", "full")
class TestTillRandomAtLength(TillWalk):
    def test_the_ledger_adds_up_after_everything_at_length(self):
        self._begin(2)
        self._walk(2000, 100)
