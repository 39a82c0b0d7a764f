from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon

THEN = NOW - timedelta(days=40)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOldOrders(RefundCommon):
    """Orders from before the accounts earn by the back-fill, and by nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._member()

    def _old_order(self, **values):
        """An order that was confirmed before the accounts were switched on."""
        self.program.is_active = False
        with freeze_time(THEN):
            order = self._create_order(self.account.customer_id, None, 100)
            order.action_confirm()
        self.program.is_active = True
        order.write({"date_order": THEN, **values})
        self.env.flush_all()
        return order

    def _back_fill(self):
        backfill = self.env["loyalty.backfill"].create({"program_id": self.program.id})
        backfill.action_start()
        backfill._run(NOW)
        self.env.invalidate_all()

    def test_asking_for_them_credits_nothing(self):
        # Also those from before the addon, which counts confirmations.
        for turn in (1, 0):
            order = self._old_order(loyalty_turn=turn)
            for _more in range(2):
                found = self.service.process_order(order.id)
                self.assertEqual(found, {"order_id": order.id, "points": 0})
        self.assertFalse(self.account.transaction_ids)
        self.assertFalse(self.account.pending_ids)

    def test_the_back_fill_credits_them_once_and_asking_adds_nothing(self):
        order = self._old_order()
        self.service.process_order(order.id)
        self._back_fill()
        self.assertEqual(self.account.points_balance, 100)
        self.assertEqual(self.service.process_order(order.id)["points"], 100)
        self.assertEqual(self._rows_of(self.account), [("earn", 100)])
        self._assert_sound(self.account)

    def test_what_was_confirmed_since_is_credited_in_its_program_alone(self):
        order = self._old_order()
        with freeze_time(THEN - timedelta(days=1)):
            other = self._program()
        self.accounts._enroll(other, order.partner_id, NOW)
        self.assertEqual(self.service.process_order(order.id)["points"], 100)
        self.assertFalse(self.account.transaction_ids)

    def test_confirmed_again_they_are_orders_of_today(self):
        order = self._old_order()
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(self.account.points_balance, 100)
        self.assertEqual(self.service.process_order(order.id)["points"], 100)

    def test_confirmed_again_after_the_back_fill_they_earn_again(self):
        order = self._old_order(loyalty_turn=0)
        self._back_fill()
        order._action_cancel()
        self.assertEqual(self.account.points_balance, 0)
        order.action_draft()
        order.action_confirm()
        self.assertEqual(self.account.points_balance, 100)
        self._assert_sound(self.account)
