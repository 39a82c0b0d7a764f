from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import NOW, LoyaltyCommon
from .test_tiers import TIERS

RENDERING = "odoo.addons.mail.models.mail_render_mixin"
RETRIES = "odoo.addons.customer_lifecycle.models.lifecycle_event_retry"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestTierNews(LoyaltyCommon):
    """Whoever rises hears of it once; whoever begins, begins in the lowest tier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.tiers = TIERS

    def _mails(self, account):
        self._dispatch()
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

    def test_what_happens_before_anybody_is_told_is_told_once(self):
        account = self._member(email="twice@example.com")
        lost = self._member(email="lost@example.com")
        for each in (account, lost):
            self._buy(each, 100)._action_cancel()
        with freeze_time(NOW + timedelta(minutes=1)):
            self._buy(account, 100)
            self._buy(account, 200)
        self.assertEqual((self._mails(account), self._mails(lost)), (1, 0))
        with freeze_time(NOW + timedelta(minutes=2)):
            self.assertEqual((self._mails(account), self._mails(lost)), (1, 0))

    def test_a_mail_that_cannot_be_written_holds_up_no_order(self):
        template = self.env.ref("loyalty_program.mail_template_tier_reached")
        body = template.body_html
        template.body_html = "<t t-out='object.no_such_field'/>"
        account = self._member(email="broken@example.com")
        other = self._member(email="other@example.com")
        for each in (account, other):
            self.assertEqual(self._buy(each, 100).state, "sale")
        with mute_logger(RENDERING), self.assertLogs(RETRIES, "WARNING"):
            self.assertEqual(self._mails(account), 0)
        template.body_html = body
        with freeze_time(NOW + timedelta(hours=1)):
            self.retries._due()._retry()
        self.assertEqual((self._mails(account), self._mails(other)), (1, 1))

    def test_a_shop_without_the_template_says_nothing(self):
        self.env.ref("loyalty_program.mail_template_tier_reached").unlink()
        account = self._member(email="silent@example.com")
        self.assertEqual(self._buy(account, 100).state, "sale")
        self.assertEqual(self._mails(account), 0)
        self.assertFalse(self.retries.search_count([]))

    def test_whoever_rises_again_much_later_hears_of_it(self):
        account = self._member(email="later@example.com")
        order = self._buy(account, 100)
        self.assertEqual(self._mails(account), 1)
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
