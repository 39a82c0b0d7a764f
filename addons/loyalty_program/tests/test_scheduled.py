from datetime import timedelta

from odoo.tests import freeze_time, mute_logger, tagged

from .common import NOW, LoyaltyCommon

AUDIT_LOG = "odoo.addons.loyalty_program.models.loyalty_audit"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestScheduled(LoyaltyCommon):
    """Scheduled actions do, as the scheduler starts them, what their names say."""

    def _run(self, name):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"loyalty_program.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_audit_tells_of_an_account_that_does_not_add_up(self):
        account = self._member(100)
        self._run("ir_cron_audit")
        self.assertFalse(account.audit_note)
        self.env.cr.execute(
            "UPDATE loyalty_card SET points = points + 7 WHERE id = %s",
            [account.card_id.id],
        )
        with mute_logger(AUDIT_LOG):
            self._run("ir_cron_audit")
        self.assertIn("107", account.audit_note)

    def test_birthdays_earn_once(self):
        self.program.earning_rules = [{"type": "birthday", "points": 200}]
        account = self._member()
        account.customer_id.birthday = NOW.date().replace(year=1990)
        for _night in range(2):
            self._run("ir_cron_occasions")
            self.assertEqual(self._rows_of(account), [("earn", 200)])
        self._assert_sound(account)

    def test_codes_that_nobody_used_give_their_points_back(self):
        account = self._member(100)
        code = self.service.redeem(account.customer_id.id, self.program.reward_ids.id)
        card = self.env["loyalty.card"].sudo().search([("code", "=", code["code"])])
        self._run("ir_cron_return_codes")
        self.assertEqual(account.points_balance, 0)
        late = card.expiration_date + timedelta(days=2)
        with freeze_time(late):
            for _night in range(2):
                self._run("ir_cron_return_codes")
                self.assertEqual(account.points_balance, 100)
        self._assert_sound(account)
