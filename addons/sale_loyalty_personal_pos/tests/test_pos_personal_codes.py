from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.common import TestPoSCommon


@tagged("post_install", "-at_install")
class TestPosPersonalCodes(TestPoSCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.config = cls.basic_config
        cls.milk = cls.create_product("Milk", cls.categ_basic, 100, 60)
        partners = cls.env["res.partner"]
        cls.firm = partners.create({"name": "Firm", "is_company": True})
        cls.contact = partners.create({"name": "Contact", "parent_id": cls.firm.id})
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

    def setUp(self):
        super().setUp()
        self.open_new_session()

    def _code(self):
        values = {"program_id": self.program.id, "partner_id": self.contact.id}
        return self.env["loyalty.card"].create({**values, "points": 1})

    def _enter(self, card, partner):
        now = fields.Datetime.to_string(fields.Datetime.now())
        return self.config.use_coupon_code(
            card.code, now, partner and partner.id, self.config.pricelist_id.id
        )

    def _pay(self, card, partner):
        """Pay 100 with a code of 10 percent, as the till sends it."""
        reward = card.program_id.reward_ids
        prices = ("price_unit", "price_subtotal", "price_subtotal_incl")
        line = {
            "product": reward.discount_line_product_id,
            "quantity": 1,
            "is_reward_line": True,
            "reward_id": reward.id,
            "coupon_id": card.id,
            "reward_identifier_code": "X",
            "points_cost": 1,
            **dict.fromkeys(prices, -10),
        }
        data = self.create_ui_order_data([(self.milk, 1), line], customer=partner)
        result = self.env["pos.order"].sync_from_ui([data])
        order = self.env["pos.order"].browse(result["pos.order"][0]["id"])
        spent = {"points": -1, "program_id": card.program_id.id, "coupon_id": card.id}
        order.confirm_coupon_programs({card.id: {**spent, "line_codes": ["X"]}})
        return data, order

    def test_a_code_is_taken_from_its_customer_only(self):
        card = self._code()
        for partner in (self.contact, self.firm):
            found = self._enter(card, partner)
            self.assertTrue(found["successful"])
            self.assertEqual(found["payload"]["coupon_id"], card.id)
        for partner in (self.stranger, None):
            found = self._enter(card, partner)
            self.assertFalse(found["successful"])
            self.assertNotIn("Contact", found["payload"]["error_message"])

    def test_a_code_pays_once(self):
        card = self._code()
        data, order = self._pay(card, self.firm)
        self.assertEqual((order.amount_total, card.points), (90, 0))
        with self.assertRaisesRegex(ValidationError, "already been used"):
            self._pay(card, self.contact)
        # What the till sends twice is one order.
        self.env["pos.order"].sync_from_ui([data])

    def test_paying_with_anothers_code_is_refused(self):
        card = self._code()
        with self.assertRaisesRegex(ValidationError, "personal"):
            self._pay(card, self.stranger)
        _data, order = self._pay(self._code(), self.contact)
        order.partner_id = self.stranger
        found = order.validate_coupon_programs({str(card.id): -1}, [])
        self.assertFalse(found["successful"])
        self.assertIn("personal", found["payload"]["message"])
        order.partner_id = self.firm
        found = order.validate_coupon_programs({str(card.id): -1}, [])
        self.assertTrue(found["successful"])

    def test_other_coupons_are_as_before(self):
        self.program.is_personal = False
        card = self._code()
        card.partner_id = False
        self.assertTrue(self._enter(card, None)["successful"])
