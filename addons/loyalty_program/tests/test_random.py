import logging
from collections import Counter

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .flaws import FLAWS
from .random_doors import NothingThereError
from .random_payments import PaymentDoors

_logger = logging.getLogger(__name__)


class RandomCommon(PaymentDoors):
    """Whatever happens, through whatever door, the ledger adds up."""

    def _once(self, name):
        try:
            with freeze_time(self.moment), self.env.cr.savepoint():
                getattr(self, name)()
                self.env.flush_all()
            self.done[name] += 1
        except NothingThereError:
            self.idle[name] += 1
        except UserError:
            # Refused in the customer's words; nothing may be half-written.
            self.refused[name] += 1
            self.env.invalidate_all()

    def _walk(self, names, operations, check_every):
        for number in range(1, operations + 1):
            self._once(self.dice.choice(names))
            if number % 100 == 0:
                # Nobody else can tell the planner of rows of an open transaction.
                self.env.cr.execute("ANALYZE")
            if number % check_every == 0:
                self._assert_sound()
                self._assert_lots_sound()
                _logger.info("%s operations, differences: 0", self._count())
        kinds = set(self.transactions.search([]).mapped("transaction_type"))
        self.assertEqual(kinds, {"earn", "redeem", "expire", "adjust", "transfer"})

    def _assert_lots_sound(self):
        for flaw, query in FLAWS.items():
            self.env.cr.execute(query)
            self.assertFalse(self.env.cr.fetchall(), flaw)

    def _count(self):
        return sum((self.done + self.refused + self.idle).values())

    def _run(self, histories, operations, check_every):
        """Walk several histories, each from the start.

        One that is longer in a single transaction is slow: what was overwritten stays.
        """
        self.done, self.refused, self.idle = Counter(), Counter(), Counter()
        names = sorted(name for name in dir(self) if name.startswith("_do_"))
        for seed in range(histories):
            with self.env.cr.savepoint() as history:
                self._begin(seed)
                self._walk(names, operations, check_every)
                history.rollback()
            self.env.invalidate_all()
            self.env.registry.clear_cache()
        for what in ("done", "refused", "idle"):
            _logger.info("%s: %s", what, dict(getattr(self, what)))
        self.assertEqual(set(self.done), set(names))


@tagged("post_install", "-at_install")
class TestRandom(RandomCommon):
    def test_the_ledger_adds_up_after_everything(self):
        self._run(2, 400, 100)


@tagged("post_install", "-at_install", "-standard", "full")
class TestRandomAtLength(RandomCommon):
    def test_the_ledger_adds_up_after_everything_at_length(self):
        self._run(20, 1000, 1000)
