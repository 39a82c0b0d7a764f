from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon
from .flaws import FLAWS

LATER = NOW + timedelta(days=400)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOwnAccounts(LoyaltyCommon):
    """Who had two accounts, and moved points between them, has one that adds up."""

    def _pair(self, given_up):
        """Two accounts of one person, that which is given up, and that which stays."""
        one, two = self._member(), self._member()
        return one, two, *((one, two) if given_up == "one" else (two, one))

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        people = source.customer_id | target.customer_id
        wizard._merge(people.ids, target.customer_id)
        self.env.invalidate_all()

    def _assert_stands(self, account, balance):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(account.points_balance, balance, self._rows_of(account))
        self.assertEqual(account.points_debt, max(-balance, 0))
        self._assert_sound()
        for name, query in FLAWS.items():
            self.env.cr.execute(query)
            self.assertFalse(self.env.cr.fetchall(), name)

    def test_what_moved_between_them_is_there_once(self):
        for given_up in ("one", "two"):
            with self.subTest(given_up=given_up):
                one, two, source, target = self._pair(given_up)
                one.earn_points(100, "test")
                two.earn_points(50, "test")
                one.transfer_points(two.customer_id.id, 60)
                two.transfer_points(one.customer_id.id, 20)
                self._merge(source, target)
                self._assert_stands(target, 150)
                self.assertEqual(target.points_lifetime, 150)

    def test_a_debt_is_paid_at_once_by_what_the_other_has(self):
        for given_up in ("one", "two"):
            with self.subTest(given_up=given_up):
                one, two, source, target = self._pair(given_up)
                order = self._buy(one, 100)
                two.earn_points(50, "test")
                one.transfer_points(two.customer_id.id, 80)
                order._action_cancel()
                self.assertEqual((one.points_balance, one.points_debt), (-80, 80))
                self._merge(source, target)
                self._assert_stands(target, 50)

    def test_more_is_owed_than_the_other_has(self):
        for given_up in ("one", "two"):
            with self.subTest(given_up=given_up):
                one, two, source, target = self._pair(given_up)
                order = self._buy(one, 100)
                one.transfer_points(two.customer_id.id, 100)
                two.redeem_points(70, "discount", 7)
                order._action_cancel()
                self._merge(source, target)
                self._assert_stands(target, -70)
                target.earn_points(100, "test")
                self._assert_stands(target, 30)

    def test_an_order_whose_points_are_with_the_other_is_cancelled(self):
        for given_up in ("one", "two"):
            with self.subTest(given_up=given_up):
                one, two, source, target = self._pair(given_up)
                order = self._buy(one, 100)
                one.transfer_points(two.customer_id.id, 100)
                two.earn_points(30, "test")
                self._merge(source, target)
                order._action_cancel()
                self._assert_stands(target, 30)

    def test_what_expired_with_the_other_is_not_owed(self):
        for given_up in ("one", "two"):
            with self.subTest(given_up=given_up):
                one, two, source, target = self._pair(given_up)
                order = self._buy(one, 100)
                one.transfer_points(two.customer_id.id, 100)
                self._merge(source, target)
                with freeze_time(LATER):
                    self.service.expire_points()
                    self._assert_stands(target, 0)
                    target.earn_points(30, "test")
                    order._action_cancel()
                    self._assert_stands(target, 30)

    def test_what_expired_with_the_other_before_is_not_owed(self):
        for given_up in ("one", "two"):
            with self.subTest(given_up=given_up):
                one, two, source, target = self._pair(given_up)
                order = self._buy(one, 100)
                one.transfer_points(two.customer_id.id, 100)
                with freeze_time(LATER):
                    self.service.expire_points()
                    self._merge(source, target)
                    order._action_cancel()
                    self._assert_stands(target, 0)

    def test_what_was_given_to_somebody_else_is_owed(self):
        for given_up in ("one", "two"):
            with self.subTest(given_up=given_up):
                one, two, source, target = self._pair(given_up)
                order, friend = self._buy(one, 100), self._member()
                one.transfer_points(two.customer_id.id, 60)
                one.transfer_points(friend.customer_id.id, 40)
                self._merge(source, target)
                with freeze_time(LATER):
                    self.service.expire_points()
                    order._action_cancel()
                    self._assert_stands(target, -40)

    # --------------------------------------------------------------------------- due
    def test_what_is_due_pays_no_debt_of_the_other(self):
        for given_up in ("one", "two"):
            with self.subTest(given_up=given_up):
                one, two, source, target = self._pair(given_up)
                two.earn_points(100, "test")
                with freeze_time(LATER):
                    order = self._buy(one, 50)
                    one.redeem_points(50, "discount", 5)
                    order._action_cancel()
                    self._merge(source, target)
                    self._assert_stands(target, -50)
                    self.assertEqual(two.points_expired, 100)

    def test_what_is_due_pays_no_order_that_is_taken_back(self):
        account = self._member()
        spent = self._buy(account, 50)
        account.redeem_points(50, "discount", 5)
        account.earn_points(100, "test")
        with freeze_time(LATER):
            spent._action_cancel()
            self._assert_stands(account, -50)
            self.assertEqual(account.points_expired, 100)

    def test_what_an_order_earned_itself_is_taken_back_though_it_is_due(self):
        account = self._member()
        order = self._buy(account, 100)
        with freeze_time(LATER):
            account.earn_points(30, "test")
            order._action_cancel()
            self._assert_stands(account, 30)
            self.assertEqual((account.points_lifetime, account.points_expired), (30, 0))
