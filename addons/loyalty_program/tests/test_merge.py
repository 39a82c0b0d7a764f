from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestMerge(LoyaltyCommon):
    """Contacts that become one bring their points, lots and lifetime together."""

    def _merge(self, target, *sources):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        partners = target.union(*sources)
        wizard._merge(partners.ids, target)
        self.env.invalidate_all()

    def test_two_accounts_become_one(self):
        first, second = self._member(100), self._member()
        with freeze_time(NOW - timedelta(days=200)):
            second.earn_points(1200, "test")
        expiry = second.lot_ids.expires_at
        self._merge(first.customer_id, second.customer_id)
        self.assertEqual(first.points_balance, 1300)
        self.assertEqual(first.points_lifetime, 1300)
        self.assertEqual(first.current_tier, "silver")
        self.assertIn(expiry, first.lot_ids.mapped("expires_at"))
        self.assertFalse(second.active)
        self.assertEqual(second.points_balance, 0)
        self.assertEqual(self._rows_of(second)[-1], ("transfer", -1200))
        self.assertFalse(second.card_id.active)
        self._assert_sound(first, second)

    def test_the_oldest_points_go_first_whoever_had_them(self):
        for way in ("merge", "transfer"):
            with self.subTest(way=way):
                first, second = self._member(), self._member()
                for account, days in ((first, 100), (second, 200)):
                    with freeze_time(NOW - timedelta(days=days)):
                        account.earn_points(100, "test")
                old = second.lot_ids
                if way == "merge":
                    self._merge(first.customer_id, second.customer_id)
                else:
                    second.transfer_points(first.customer_id.id, 100)
                self.env.invalidate_all()
                mine = first.lot_ids.filtered(
                    lambda l, o=old: l.issued_at == o.issued_at
                )
                self.assertEqual(mine.expires_at, old.expires_at)
                first.redeem_points(100, "discount", 10)
                self.env.invalidate_all()
                self.assertEqual((mine.remaining, first.points_balance), (0, 100))
                self._assert_sound(first, second)

    def _with_bonus(self, kind, points):
        rules = self.program.earning_rules
        self.program.earning_rules = [*rules, {"type": kind, "points": points}]

    def test_a_person_signed_up_once(self):
        self._with_bonus("signup", 50)
        for shortfall in ("cap", "debt"):
            with self.subTest(shortfall=shortfall):
                self.program.shortfall = shortfall
                first, second, third = (self._member() for _each in range(3))
                second.redeem_points(30, "discount", 3)
                self._merge(first.customer_id, second.customer_id)
                owed = 30 if shortfall == "debt" else 0
                self.assertEqual(first.points_balance, 50 - owed)
                self._merge(first.customer_id, third.customer_id)
                self.assertEqual(first.points_balance, 50 - owed)
                lifetime = 50 if shortfall == "debt" else 80
                self.assertEqual(first.points_lifetime, lifetime)
                self._assert_sound(first, second, third)

    def test_a_bonus_that_expired_is_not_taken_from_others(self):
        self._with_bonus("signup", 50)
        past = NOW - timedelta(days=800)
        with freeze_time(past):
            first, second = (
                self.accounts._enroll(self.program, self._create_customer(), past)
                for _each in range(2)
            )
        self.env["loyalty.expiry"].sudo()._expire_all(NOW)
        second.earn_points(100, "test")
        self._merge(first.customer_id, second.customer_id)
        self.assertEqual(first.points_balance, 100)
        self._assert_sound(first, second)

    def test_debts_are_taken_over(self):
        first, second = self._member(100), self._member()
        order = self._buy(second, 80)
        second.redeem_points(60, "discount", 6)
        order._action_cancel()
        self.assertEqual(second.points_debt, 60)
        self._merge(first.customer_id, second.customer_id)
        self.assertEqual((first.points_balance, first.points_debt), (40, 0))
        self.assertEqual((second.points_balance, second.points_debt), (0, 0))
        self._assert_sound(first, second)

    def test_who_takes_over_without_an_account_gets_the_others(self):
        target = self._create_customer()
        first, second = self._member(100), self._member(50)
        self._merge(target, first.customer_id, second.customer_id)
        self.assertEqual(first.customer_id, target)
        self.assertEqual(first.card_id.partner_id, target)
        self.assertEqual(first.points_balance, 150)
        self._assert_sound(first, second)
        self._buy(first, 10, partner=target)
        self.assertEqual(first.points_balance, 160)

    def test_orders_of_the_merged_can_be_cancelled(self):
        first, second = self._member(100), self._member()
        order = self._buy(second, 80)
        self._merge(first.customer_id, second.customer_id)
        order._action_cancel()
        self.assertEqual(first.points_balance, 100)
        self._assert_sound(first, second)
