from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon
from .test_tiers import TIERS


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestTierNews(LoyaltyCommon):
    """Whoever rises hears of it once; whoever begins, begins in the lowest tier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.tiers = TIERS

    def _mails(self, account):
        self.env.flush_all()
        domain = [("recipient_ids", "in", account.customer_id.ids)]
        found = self.env["mail.mail"].sudo().search(domain)
        to = account.customer_id.email
        return len(found | found.search([("email_to", "ilike", to)]))

    def test_one_mail_for_an_order_that_is_confirmed_again(self):
        account = self._member(email="again@example.com")
        order = self._buy(account, 100)
        for hours in (1, 2):
            with freeze_time(NOW + timedelta(hours=hours)):
                order._action_cancel()
                self.assertEqual(account.current_tier, "bronze")
                order.action_draft()
                order.action_confirm()
                self.assertEqual(account.current_tier, "silver")
        self.assertEqual(self._mails(account), 1)
        with freeze_time(NOW + timedelta(hours=3)):
            self._buy(account, 200)
        self.assertEqual(account.current_tier, "gold")
        self.assertEqual(self._mails(account), 2)

    def test_whoever_rises_again_much_later_hears_of_it(self):
        account = self._member(email="later@example.com")
        order = self._buy(account, 100)
        with freeze_time(NOW + timedelta(days=40)):
            order._action_cancel()
            self._buy(account, 100)
        self.assertEqual(self._mails(account), 2)

    def test_a_window_that_rolls_has_a_length(self):
        with self.assertRaisesRegex(ValidationError, "tier_window_months"):
            self.program.write({"tier_basis": "rolling", "tier_window_months": 0})

    def test_a_program_without_bronze_begins_with_its_lowest_tier(self):
        self.program.tiers = [
            {
                "name": "S",
                "code": "silver",
                "min_points": 0,
                "benefits": [{"type": "points_multiplier", "value": 2}],
            },
            {"name": "G", "code": "gold", "min_points": 100},
        ]
        account = self._member()
        self.assertEqual(account.current_tier, "silver")
        self.assertEqual(account.next_tier_points, 100)
        self._buy(account, 10)
        self.assertEqual(account.points_balance, 20)
        newcomer = self._create_customer()
        self._buy(None, 10, partner=newcomer)
        joined = self.accounts._account_of(self.program, newcomer)
        self.assertEqual(joined.points_balance, 20)
