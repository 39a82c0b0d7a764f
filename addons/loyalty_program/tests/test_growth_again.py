from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.tests import freeze_time, tagged

from .common import NOW
from .growth_common import GrowthCommon

DAY = timedelta(days=1)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestGrowthAgain(GrowthCommon):
    """What an order loses and gets again is within what a day allows, or held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.daily_earning_cap = 150

    def _lowered(self):
        """An order of 100 that was lowered, and another that used the day up."""
        order = self._order_of(10)
        self._set(order, 0)
        self._order_of(10)
        self._assert_stands(100)
        return order

    def test_what_another_order_used_up_does_not_come_back(self):
        order = self._lowered()
        self._set(order, 10)
        self._assert_stands(100, held=100)
        (held,) = self.account.pending_ids
        self.assertEqual((held.source_id, held.state), (order.id, "held"))
        self.assertIn("200 points on one day", held.reason)

    def test_nor_a_part_of_it_when_that_is_too_much(self):
        order = self._order_of(10)
        self._set(order, 4)
        self._order_of(10)
        self._set(order, 5)
        self._assert_stands(150)
        self._set(order, 6)
        self._assert_stands(150, held=10)

    def test_what_is_held_follows_the_order(self):
        order = self._lowered()
        self._set(order, 10, 8)
        self._assert_stands(100, held=80)
        self._set(order, 9, 0)
        self._assert_stands(100)
        self._set(order, 7)
        self._assert_stands(100, held=70)
        order._action_cancel()
        self._assert_stands(100)

    def test_what_fits_comes_back_with_the_expiry_that_it_had(self):
        order = self._order_of(10)
        self._set(order, 0)
        self._order_of(5)
        self._set(order, 10)
        self._assert_stands(150)
        with freeze_time(NOW + DAY):
            self._set(order, 0, 10)
        self._assert_stands(150)
        lots = self.account.lot_ids.filtered("remaining")
        self.assertEqual(set(lots.mapped("expires_at")), {NOW + relativedelta(years=1)})

    def test_what_was_approved_is_not_looked_at_again(self):
        order = self._lowered()
        self._set(order, 10)
        self._review("approve")
        self._assert_stands(200)
        self._set(order, 0)
        with freeze_time(NOW + DAY):
            self._order_of(15)
            self._set(order, 10)
            self._assert_stands(350)
        order._action_cancel()
        self._assert_stands(250)

    def test_what_was_turned_down_stays_so(self):
        order = self._order_of(10)
        self._set(order, 4)
        self._order_of(11)
        self._set(order, 10)
        self._assert_stands(150, held=60)
        self._review("reject")
        with freeze_time(NOW + DAY):
            self._set(order, 9, 10)
            self._assert_stands(150)
            self._set(order, 3, 10)
            self._assert_stands(150)
            # What is new is earned.
            self._set(order, 12)
            self._assert_stands(170)

    # ------------------------------------------------------------------ another day
    def test_it_uses_up_the_day_on_which_it_comes_back(self):
        orders = [self._order_of(10)]
        self._set(orders[0], 0)
        orders.append(self._order_of(10))
        self._set(orders[1], 0)
        self._order_of(10)
        with freeze_time(NOW + DAY):
            self._set(orders[0], 10)
            self._assert_stands(200)
            self._set(orders[1], 10)
            self._assert_stands(200, held=100)
            self._order_of(6)
            self._assert_stands(200, held=160)
            self._order_of(5)
            self._assert_stands(250, held=160)

    def test_what_a_day_took_leaves_room_for_as_much(self):
        order = self._order_of(10)
        with freeze_time(NOW + DAY):
            self._order_of(15)
            self._set(order, 0, 10)
            self._assert_stands(250)

    # --------------------------------------------------------------------- pending
    def test_what_pends_is_looked_at_anew_as_well(self):
        self.program.pending_days = 7
        order = self._order_of(10)
        self._set(order, 0)
        self._order_of(10)
        self._set(order, 5)
        self._assert_stands(0, pending=150)
        with freeze_time(NOW + DAY):
            # It is earned on the day of the order still.
            self._set(order, 6)
            self._assert_stands(0, held=60, pending=100)
            self._review("approve")
            self._set(order, 3, 10)
            self._assert_stands(0, pending=200)

    def test_a_cancelled_earning_comes_back_as_one_of_many(self):
        self.program.write({"daily_earning_cap": 0, "velocity_limit": 1})
        self.program.pending_days = 7
        order = self._order_of(10)
        self._set(order, 0, 10)
        self._assert_stands(0, pending=100)
        self._set(order, 0)
        self._order_of(1)
        self._set(order, 10)
        self._assert_stands(0, pending=10, held=100)
