from odoo.tests import freeze_time, mute_logger, tagged

from .common import NOW, LoyaltyCommon

AUDIT_LOG = "odoo.addons.loyalty_program.models.loyalty_audit"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestAuditNews(LoyaltyCommon):
    """Managers are told of a difference once, and of the next one again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._member(100)
        cls.manager = cls._user(
            "audit_boss", "customer_lifecycle.group_lifecycle_manager"
        )
        cls.stranger = cls._user(
            "audit_stranger",
            "customer_lifecycle.group_lifecycle_manager",
            cls._create_company(),
        )

    def _audit(self):
        self.env.flush_all()
        with mute_logger(AUDIT_LOG):
            self.env["loyalty.audit"]._audit()
        return self.account.message_ids.filtered(
            lambda m: "add up" in (m.subject or "")
        )

    def _break(self, points):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE loyalty_card SET points = points + %s WHERE id = %s",
            [points, self.account.card_id.id],
        )
        self.env.invalidate_all()

    def test_nothing_is_said_of_a_sound_account(self):
        self.assertFalse(self._audit())
        self.assertFalse(self.account.audit_note)

    def test_a_difference_is_told_once(self):
        self._break(7)
        (message,) = self._audit()
        self.assertIn(self.manager.partner_id, message.notified_partner_ids)
        self.assertNotIn(self.stranger.partner_id, message.notified_partner_ids)
        self.assertIn("107", self.account.audit_note)
        self.assertEqual(len(self._audit()), 1)

    def test_another_difference_is_told_again(self):
        self._break(7)
        self._audit()
        self._break(1)
        self.assertEqual(len(self._audit()), 2)
        self.assertIn("108", self.account.audit_note)

    def test_what_was_mended_and_breaks_again_is_told_again(self):
        self._break(7)
        self._audit()
        self._break(-7)
        self._audit()
        self.assertFalse(self.account.audit_note)
        self._break(7)
        self.assertEqual(len(self._audit()), 2)

    def test_many_differences_do_not_bury_the_managers(self):
        accounts = self.accounts.union(*(self._member(10) for _n in range(22)))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE loyalty_card SET points = 11 WHERE id = ANY(%s)",
            [accounts.card_id.ids],
        )
        self.env.invalidate_all()
        self._audit()
        told = accounts.filtered(lambda a: a.message_ids)
        self.assertEqual(len(told), 20)
        self.assertIn("2 more", told.sorted("id")[-1].message_ids[0].body)
        self.assertTrue(all(accounts.mapped("audit_note")))
