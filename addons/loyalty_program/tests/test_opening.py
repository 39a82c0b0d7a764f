from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon

TODAY = fields.Date.to_date(NOW)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOpening(LoyaltyCommon):
    """Cards and orders that were there before the accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls._program(is_active=False)
        cls.customer = cls._create_customer()

    def _card(self, points, days=None, customer=None):
        return self.env["loyalty.card"].create(
            {
                "program_id": self.old.id,
                "partner_id": (customer or self.customer).id,
                "points": points,
                "expiration_date": days and TODAY + timedelta(days=days),
            }
        )

    def _open(self):
        self.old.is_active = True
        self.env.invalidate_all()
        return self.accounts._account_of(self.old, self.customer)

    def _lots(self, account):
        lots = account.lot_ids.sorted("id")
        return lots.mapped(lambda lot: (lot.remaining, lot.expires_at))

    def test_the_card_that_is_valid_is_kept(self):
        over, valid = self._card(60, -3), self._card(25.5)
        account = self._open()
        self.assertEqual(account.card_id, valid)
        self.assertEqual((over.points, over.active), (0, False))
        self.assertEqual(self._rows_of(account), [("adjust", 85.5)])
        over_at = fields.Datetime.to_datetime(TODAY - timedelta(days=2))
        self.assertEqual(
            self._lots(account), [(60, over_at), (25.5, NOW.replace(year=2041))]
        )
        self._assert_sound(account)
        # What had expired before does so here, too.
        self.env["loyalty.expiry"]._expire_all(NOW)
        self.assertEqual(self._rows_of(account)[1:], [("expire", -60)])
        self._assert_sound(account)

    def test_a_balance_opens_today_with_one_row_and_was_not_earned(self):
        self._card(5000)
        self.env.flush_all()
        of_old = [("program_id", "=", self.old.id)]
        self.assertFalse(self.accounts.search(of_old))
        self.assertFalse(self.transactions.search(of_old))
        account = self._open()
        row = self.transactions.search(of_old)
        self.assertEqual((row.transaction_type, row.points), ("adjust", 5000))
        self.assertEqual((row.created_at, account.lot_ids.issued_at), (NOW, NOW))
        self.assertEqual((account.points_lifetime, account.current_tier), (0, "bronze"))

    def test_a_card_without_an_end_pays_at_the_checkout(self):
        card = self._card(60, -3)
        account = self._open()
        self.assertEqual(account.card_id, card)
        self.assertFalse(card.expiration_date)
        self.env["loyalty.expiry"]._expire_all(NOW)
        self._buy(account, 100)
        order = self._create_order(self.customer, None, 20)
        self._claim(order, account)
        order.action_confirm()
        self.assertEqual(account.points_redeemed, 100)
        self._assert_sound(account)

    def test_no_more_expires_than_there_is(self):
        self._card(-50)
        self._card(60, 3)
        account = self._open()
        self.assertEqual(
            self._lots(account),
            [(10, fields.Datetime.to_datetime(TODAY + timedelta(days=4)))],
        )
        self._assert_sound(account)

    def test_orders_of_before_are_cancelled_as_they_were_confirmed(self):
        surplus = self.env["loyalty.card"]
        for _each in range(2):
            surplus = self._card(100)
        order = self._create_order(self.customer, None, 70)
        order._update_programs_and_rewards()
        order._apply_program_reward(self.old.reward_ids, surplus)
        order.action_confirm()
        cards = surplus.search([("program_id", "=", self.old.id)])
        self.assertEqual(sum(cards.mapped("points")), 170)
        account = self._open()
        self.assertEqual(account.points_balance, 170)
        order._action_cancel()
        self.assertEqual(account.points_balance, 200)
        self._assert_sound(account)
        order.action_draft()
        order.action_confirm()
        self.assertEqual(account.points_balance, 270)
        self._assert_sound(account)

    def test_orders_of_before_earn_nothing_again(self):
        order = self._buy(None, 70, partner=self.customer)
        account = self._open()
        self.assertEqual(account.points_balance, 70)
        # Another day, nothing is left of what the confirmation counted.
        self.env.cr.cache.clear()
        self.service.process_order(order.id)
        self.assertEqual(account.points_balance, 70)
        order._action_cancel()
        self.assertEqual((account.points_balance, account.points_debt), (0, 0))
        self._assert_sound(account)
