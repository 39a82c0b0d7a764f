from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestAdjustment(LoyaltyCommon):
    def _adjust(self, account, points, reason="Goodwill"):
        form = Form(
            self.env["loyalty.adjustment"].with_context(default_loyalty_id=account.id)
        )
        form.points = points
        form.reason = reason
        return form.save()

    def test_the_reason_stands_in_the_ledger(self):
        account = self._member(100)
        wizard = self._adjust(account, 20)
        self.assertEqual(wizard.balance_after, 120)
        wizard.action_apply()
        row = account.transaction_ids[0]
        self.assertEqual(row.transaction_type, "adjust")
        self.assertEqual(row.source_description, "Goodwill")
        self.assertEqual(row.user_id, self.env.user)
        self.assertEqual(account.points_lifetime, 100)
        self._assert_sound(account)

    def test_nothing_or_too_much_or_no_reason_is_refused(self):
        account = self._member(100)
        for points, reason in ((0, "Goodwill"), (-101, "Goodwill"), (5, "  ")):
            wizard = self._adjust(account, points, reason)
            with self.subTest(points), self.assertRaises(ValidationError):
                wizard.action_apply()
        self.assertEqual(account.points_balance, 100)
