from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW, Command
from .growth_common import GrowthCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestGrowth(GrowthCommon):
    """An order that changes again and again ends with what it earns as it is then."""

    def _line(self, amount):
        values = {"product_id": self.product.id, "price_unit": amount}
        return Command.create({**values, "product_uom_qty": 1, "tax_ids": False})

    # ---------------------------------------------------------------------- no limits
    def test_raised_and_raised_again_it_earns_once(self):
        order = self._order_of(10)
        self._set(order, 15, 20)
        self._assert_stands(200)
        self._set(order, 5, 20, 12, 25)
        self._assert_stands(250)
        self.assertEqual(self.account.points_lifetime, 250)
        order._action_cancel()
        self._assert_stands(0)

    def test_fractions_of_points_are_not_lost_by_changes(self):
        order = self._create_order(self.account.customer_id, None, 10.6)
        order.action_confirm()
        self._assert_stands(10)
        order.order_line.price_unit = 21.2
        order.order_line.price_unit = 31.8
        self._assert_stands(31)

    # ---------------------------------------------------------------------- the cap
    def test_what_a_cap_held_back_is_not_earned_by_the_next_change(self):
        self.program.daily_earning_cap = 150
        order = self._order_of(10)
        self._set(order, 40)
        self._assert_stands(100, held=300)
        # By itself this would be within the cap.
        self._set(order, 42)
        self._assert_stands(100, held=320)
        self._set(order, 43)
        self._assert_stands(100, held=330)

    def test_lowered_again_it_keeps_what_the_cap_let_through(self):
        self.program.daily_earning_cap = 150
        order = self._order_of(10)
        self._set(order, 40, 10)
        self._assert_stands(100, held=0)
        self._set(order, 14)
        self._assert_stands(100, held=40)
        self._set(order, 5)
        self._assert_stands(50, held=0)
        self._set(order, 10)
        self._assert_stands(100, held=0)

    def test_what_is_held_whole_stays_held_whole(self):
        self.program.daily_earning_cap = 150
        order = self._order_of(20)
        self._assert_stands(0, held=200)
        self._set(order, 30)
        self._assert_stands(0, held=300)
        self._set(order, 25)
        self._assert_stands(0, held=250)
        order._action_cancel()
        self._assert_stands(0, held=0)

    def test_what_was_turned_down_is_not_earned_by_the_next_change(self):
        self.program.daily_earning_cap = 150
        order = self._order_of(20)
        self._review("reject")
        self._set(order, 21, 19, 20)
        self._assert_stands(0, held=0)
        self._set(order, 22)
        self._assert_stands(0, held=20)

    def test_what_was_approved_is_not_looked_at_again(self):
        self.program.daily_earning_cap = 150
        order = self._order_of(20)
        self._review("approve")
        self._assert_stands(200)
        self._set(order, 30, 25)
        self._assert_stands(250)
        order._action_cancel()
        self._assert_stands(0)

    def test_an_order_that_grows_is_one_earning(self):
        self.program.write({"velocity_limit": 1, "velocity_hours": 3})
        order = self._order_of(10)
        self._set(order, 15, 20, 12)
        self._assert_stands(120)
        other = self._order_of(1)
        self._assert_stands(120, held=10)
        self._set(other, 3)
        self._assert_stands(120, held=30)
        # Nothing is earned anew.
        self._set(order, 20)
        self._assert_stands(200, held=30)

    def test_waiting_points_grow_and_shrink_from_the_end(self):
        self.program.pending_days = 7
        order = self._order_of(10)
        later = NOW + timedelta(days=3)
        with freeze_time(later):
            self._set(order, 20, 14)
        self._assert_stands(0, pending=140)
        first = NOW + timedelta(days=8)
        self.env["loyalty.pending"]._release_due(first, 10)
        self._assert_stands(100, pending=40)
        with freeze_time(first):
            self._set(order, 20)
            self._assert_stands(100, pending=100)

    # -------------------------------------------------------------------- exchanges
    def _exchange(self, order, amount, at_once):
        """Replace the only line of an order by another product."""
        former = Command.update(order.order_line.id, {"product_uom_qty": 0})
        commands = [former, self._line(amount)]
        for step in [commands] if at_once else [[c] for c in commands]:
            order.write({"order_line": step})
            self.env.flush_all()
            self.env.invalidate_all()

    def test_an_exchange_in_two_steps_is_as_one_in_one(self):
        for cap, before, after, balance, held in (
            (150, 100, 120, 120, 0),
            (110, 100, 120, 100, 20),
            (100, 100, 150, 100, 50),
            (150, 100, 80, 80, 0),
            (150, 200, 120, 0, 120),
        ):
            for at_once in (True, False):
                with (
                    self.subTest(cap=cap, after=after, at_once=at_once),
                    self.env.cr.savepoint() as savepoint,
                ):
                    self.program.daily_earning_cap = cap
                    order = self._buy(self.account, before)
                    self._exchange(order, after, at_once)
                    self._assert_stands(balance, held=held)
                    savepoint.rollback()
                    self.env.invalidate_all()

    def test_an_exchange_on_another_day_uses_that_day_up_for_what_is_new(self):
        self.program.daily_earning_cap = 110
        order = self._buy(self.account, 100)
        with freeze_time(NOW + timedelta(days=1)):
            self._exchange(order, 160, at_once=False)
            self._assert_stands(160)
            other = self._buy(self.account, 60)
            self._assert_stands(160, held=60)
            self.assertTrue(other)
