from datetime import datetime, timedelta

from odoo.tests import freeze_time

from .common import NOW
from .refund_common import RefundCommon

PAST = datetime(2040, 1, 1, 9)
TIERS = [
    {"name": "Start", "code": "bronze", "min_points": 0},
    {
        "name": "Better",
        "code": "silver",
        "min_points": 100,
        "benefits": [{"type": "points_multiplier", "value": 1.5}],
    },
]


class BackfillCommon(RefundCommon):
    """A shop with orders from before its program."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.write({"is_active": False, "tiers": TIERS})
        cls.customer = cls._create_customer(email="past@example.com")

    def _past(self, amount, days=0, customer=None, **values):
        """An order of the time before the program."""
        self.program.is_active = False
        moment = PAST + timedelta(days=days)
        with freeze_time(moment):
            return self._order(customer or self.customer, moment, amount, **values)

    def _backfill(self, **values):
        self.program.is_active = True
        values = {"program_id": self.program.id, **values}
        return self.env["loyalty.backfill"].create(values)

    def _run(self, **values):
        backfill = self._backfill(**values)
        backfill.action_start()
        backfill._run(NOW)
        return backfill

    def _account(self, customer=None):
        return self.accounts._account_of(self.program, customer or self.customer)
