from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestPersonalCodes(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.milk = cls.env["product.product"].create(
            {"name": "Milk", "list_price": 100, "type": "service", "taxes_id": False}
        )
        partners = cls.env["res.partner"]
        cls.firm = partners.create({"name": "Firm", "is_company": True})
        cls.contact = partners.create({"name": "Contact", "parent_id": cls.firm.id})
        cls.colleague = partners.create({"name": "Mate", "parent_id": cls.firm.id})
        cls.stranger = partners.create({"name": "Stranger"})
        cls.program = cls.env["loyalty.program"].create(
            {
                "name": "Ten percent",
                "program_type": "coupons",
                "applies_on": "current",
                "trigger": "with_code",
                "is_personal": True,
                "rule_ids": [Command.clear()],
                "reward_ids": [Command.clear(), Command.create({"discount": 10})],
            }
        )

    def _code(self, partner=None):
        owner = partner or self.contact
        return self.env["loyalty.card"].create(
            {"program_id": self.program.id, "partner_id": owner.id, "points": 1}
        )

    def _order(self, partner):
        line = Command.create({"product_id": self.milk.id, "product_uom_qty": 1})
        values = {"partner_id": partner.id, "order_line": [line]}
        return self.env["sale.order"].create(values)

    def _enter(self, order, card):
        """Enter a code as the wizard does; return what was wrong with it."""
        status = order._try_apply_code(card.code)
        if "error" in status:
            return status["error"]
        for coupon, rewards in status.items():
            claimed = order._apply_program_reward(rewards, coupon)
            if "error" in claimed:
                return claimed["error"]
        return ""

    def _order_with(self, card, partner=None):
        order = self._order(partner or self.contact)
        self.assertFalse(self._enter(order, card))
        self.assertEqual(order.amount_total, 90)
        return order

    def test_any_contact_of_the_customer_may_use_it(self):
        for partner in (self.contact, self.colleague, self.firm):
            with self.subTest(partner=partner.name):
                order = self._order_with(self._code(), partner)
                order.action_confirm()
                self.assertEqual(order.amount_total, 90)

    def test_nobody_else_may_use_it_or_learn_whose_it_is(self):
        card, order = self._code(), self._order(self.stranger)
        error = self._enter(order, card)
        self.assertIn("only the customer who received it", error)
        self.assertNotIn("Contact", error)
        self.assertNotIn("Firm", error)
        claimed = order._apply_program_reward(self.program.reward_ids, card)
        self.assertIn("error", claimed)
        self.assertEqual(order.amount_total, 100)
        self.assertFalse(order.applied_coupon_ids)

    def test_unknown_visitors_are_asked_who_they_are(self):
        order = self._order(self.env.ref("base.public_partner"))
        self.assertIn("sign in", self._enter(order, self._code()))

    def test_a_code_leaves_the_order_with_its_customer(self):
        card = self._code()
        order = self._order_with(card)
        order.partner_id = self.stranger
        self.assertEqual(order.amount_total, 100)
        self.assertFalse(order.applied_coupon_ids)
        self.assertIn(card.code, order.message_ids[:1].body)

    def test_recomputing_drops_what_is_anothers(self):
        card = self._code()
        order = self._order_with(card)
        card.partner_id = self.stranger
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 100)

    def test_confirming_with_anothers_code_is_refused(self):
        card = self._code()
        order = self._order_with(card)
        card.partner_id = self.stranger
        for confirm in (order.action_confirm, order._action_confirm):
            with self.assertRaisesRegex(ValidationError, "only the customer"):
                confirm()

    def test_orders_confirmed_together_do_not_share_a_code(self):
        card = self._code()
        orders = self._order_with(card) | self._order_with(card)
        with self.assertRaisesRegex(ValidationError, "already been used"):
            orders.action_confirm()

    def test_a_code_whose_customer_was_deleted_is_nobodys(self):
        card = self._code()
        card.partner_id = False
        self.assertTrue(self._enter(self._order(self.contact), card))

    def test_other_programs_are_as_before(self):
        self.program.is_personal = False
        self._order_with(self._code(), self.stranger).action_confirm()

    def test_managers_switch_it_in_the_form_of_coupons(self):
        with Form(self.program) as form:
            form.is_personal = False
        self.assertFalse(self.program.is_personal)
