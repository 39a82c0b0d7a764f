from unittest.mock import patch

from odoo.tests import freeze_time, mute_logger, tagged

from .common import NOW, LoyaltyCommon

AUDIT_LOG = "odoo.addons.loyalty_program.models.loyalty_audit"


CARD = """UPDATE loyalty_card SET points = points + 5
           WHERE id = (SELECT card_id FROM customer_loyalty WHERE id = %s)"""
# What makes one figure wrong, and no other one.
BREAKS = {
    "card": [CARD],
    "lots": ["UPDATE loyalty_point_lot SET remaining = 5 WHERE loyalty_id = %s"],
    "lifetime": ["UPDATE customer_loyalty SET points_lifetime = 5 WHERE id = %s"],
    "chain": [
        "UPDATE loyalty_transaction SET balance_before = balance_before + 5,"
        " balance_after = balance_after + 5 WHERE loyalty_id = %s"
    ],
    "transactions": [
        CARD,
        "UPDATE customer_loyalty SET points_balance = points_balance + 5 WHERE id = %s",
        "UPDATE loyalty_point_lot SET points = points + 5, remaining = remaining + 5"
        " WHERE loyalty_id = %s",
    ],
}


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

    def test_what_is_owed_is_said_and_is_no_difference(self):
        audit = self.env["loyalty.audit"]
        self.assertEqual(audit._owed(), [])
        order = self._buy(self.account, 80)
        spent = self.account.points_balance
        self.account.redeem_points(spent, "discount", 1)
        order._action_cancel()
        row = {"program_id": self.program.id, "name": self.program.name}
        self.assertEqual(audit._owed(), [{**row, "members": 1, "owed": 80}])
        with patch(f"{AUDIT_LOG}._logger.info") as said:
            audit._audit()
        self.assertEqual(said.call_args.args[1]["owed"], 80)
        self.assertFalse(self.account.audit_note)
        found = self.service.get_balance(self.account.customer_id.id)
        self.assertEqual((found["balance"], found["debt"]), (0, 80))
        metrics = self.service.get_program_metrics(self.program.code)
        self.assertEqual((metrics["owed"], metrics["outstanding"]), (80, 0))

    def test_a_debt_beside_points_is_a_difference(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_loyalty SET points_debt = points_debt + 5 WHERE id = %s",
            [self.account.id],
        )
        self.env.cr.execute(
            "INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,"
            " remaining, issued_at) SELECT loyalty_id, id, 5, 5, created_at"
            " FROM loyalty_transaction WHERE loyalty_id = %s LIMIT 1",
            [self.account.id],
        )
        self.env.invalidate_all()
        self.assertTrue(self._audit())
        self.assertIn("debt 5", self.account.audit_note)

    def test_each_figure_is_compared(self):
        for name, queries in BREAKS.items():
            with self.subTest(name=name), self.env.cr.savepoint() as savepoint:
                self.env.flush_all()
                for query in queries:
                    self.env.cr.execute(query, [self.account.id])
                self.env.invalidate_all()
                found = self.env["loyalty.audit"]._differences(self.account)
                self.assertEqual(len(found), 1)
                savepoint.rollback()
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
