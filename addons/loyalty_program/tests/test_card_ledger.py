from odoo.tests import Form, tagged

from .common import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestCardLedger(LoyaltyCommon):
    """What became of a card's points is told once: by the ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What makes tests quick would hide what is noted.
        noted = {"tracking_disable": False, "mail_notrack": False}
        cls.env = cls.env(context={**cls.env.context, **noted})
        cls.account = cls._member(500)
        cls.card = cls.account.card_id.with_env(cls.env)
        cls.salesperson = cls._user("card_sales", "sales_team.group_sale_salesman")

    def _flush(self):
        self.env.flush_all()
        self.cr.precommit.run()
        # As with a commit: what was made before it is no longer new.
        self.cr.precommit.clear()

    def _noted(self, card):
        self._flush()
        card.invalidate_recordset(["message_ids"])
        return card.message_ids.tracking_value_ids

    def test_orders_note_nothing_on_the_card(self):
        self._noted(self.card).unlink()
        order = self._create_order(self.account.customer_id, None, 50)
        order = order.with_env(self.env)
        order.action_confirm()
        self.assertEqual(self.card.points, 550)
        self.assertFalse(self._noted(self.card))
        order._action_cancel()
        self.assertEqual(self.card.points, 500)
        self.assertFalse(self._noted(self.card))

    def test_people_find_their_own_change_in_the_ledger(self):
        self._noted(self.card).unlink()
        self.card.points = 470
        self.assertFalse(self._noted(self.card))
        movement = self.account.transaction_ids[0]
        self.assertEqual((movement.points, movement.user_id), (-30, self.env.user))

    def test_cards_without_accounts_note_as_before(self):
        plain = self.env["loyalty.program"].create(
            {"name": "Plain", "program_type": "loyalty", "company_id": self.shop.id}
        )
        partner = self.account.customer_id.id
        values = {"program_id": plain.id, "partner_id": partner, "points": 5}
        card = self.env["loyalty.card"].create(values)
        self._flush()
        card.points = 9
        self.assertEqual(self._noted(card).mapped("new_value_float"), [9])
        self.assertFalse(card.has_account)

    def test_some_cards_have_accounts(self):
        plain = self.env["loyalty.program"].create(
            {"name": "Plain", "program_type": "loyalty", "company_id": self.shop.id}
        )
        values = {"program_id": plain.id, "points": 5}
        other = self.env["loyalty.card"].create(values)
        self._noted(self.card).unlink()
        self._flush()
        (self.card | other).points = 7
        self.assertEqual(self._noted(other).mapped("new_value_float"), [7])
        self.assertEqual(self.account.points_balance, 7)

    def test_salespersons_come_to_the_account(self):
        card = self.card.with_user(self.salesperson)
        self.assertTrue(card.has_account)
        action = card.action_open_account()
        self.assertEqual(
            (action["res_model"], action["res_id"]),
            ("customer.loyalty", self.account.id),
        )
        found = self.transactions.search(card.action_open_ledger()["domain"])
        self.assertEqual(found, self.account.transaction_ids)

    def test_archived_accounts_are_found(self):
        self.account.sudo().active = False
        self.card.invalidate_recordset()
        self.assertTrue(self.card.has_account)
        self.assertEqual(self.card.action_open_account()["res_id"], self.account.id)

    def test_the_form_opens_for_everybody(self):
        Form(self.card.with_user(self.salesperson))
        groups = "customer_lifecycle.group_lifecycle_user"
        marketer = self._user("card_marketer", groups)
        card = self.card.with_user(marketer)
        if card.has_access("read"):
            Form(card)
