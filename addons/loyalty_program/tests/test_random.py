import logging
from collections import Counter

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .random_doors import NothingThereError
from .random_orders import OrderDoors

_logger = logging.getLogger(__name__)


class RandomCommon(OrderDoors):
    """Whatever happens, through whatever door, the ledger adds up."""

    operations, check_every = 0, 0

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

    def _run(self):
        self.done, self.refused, self.idle = Counter(), Counter(), Counter()
        names = sorted(name for name in dir(self) if name.startswith("_do_"))
        for number in range(1, self.operations + 1):
            self._once(self.dice.choice(names))
            if number % self.check_every == 0:
                self._assert_sound()
                _logger.info("%s operations, differences: 0", number)
        for what in ("done", "refused", "idle"):
            _logger.info("%s: %s", what, dict(getattr(self, what)))
        self.assertEqual(set(self.done), set(names))
        kinds = set(self.transactions.search([]).mapped("transaction_type"))
        self.assertEqual(kinds, {"earn", "redeem", "expire", "adjust", "transfer"})


@tagged("post_install", "-at_install")
class TestRandom(RandomCommon):
    operations, check_every = 600, 150

    def test_the_ledger_adds_up_after_everything(self):
        self._run()


@tagged("post_install", "-at_install", "-standard", "full")
class TestRandomAtLength(RandomCommon):
    operations, check_every = 20_000, 1000

    def test_the_ledger_adds_up_after_everything_at_length(self):
        self._run()
