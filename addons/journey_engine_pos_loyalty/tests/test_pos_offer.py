from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.common import TestPoSCommon


@tagged("post_install", "-at_install")
class TestPosOffer(TestPoSCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.config = cls.basic_config
        manager = cls.env.ref("customer_lifecycle.group_lifecycle_manager")
        cls.env.user.group_ids += manager
        cls.milk = cls.create_product("Milk", cls.categ_basic, 100, 60)
        partners = cls.env["res.partner"]
        cls.firm = partners.create({"name": "Firm", "is_company": True})
        child = {"parent_id": cls.firm.id}
        cls.contact = partners.create({"name": "Contact", **child})
        cls.colleague = partners.create({"name": "Colleague", **child})
        cls.stranger = partners.create({"name": "Stranger"})

    def setUp(self):
        super().setUp()
        self.open_new_session()

    def _offer(self, **values):
        values = {"name": "Till", "value": 10, **values}
        return self.env["journey.offer"].create(values)

    def _code(self, partner, **values):
        now = fields.Datetime.now()
        return self._offer(**values)._issue(partner.ids, now)[0][partner.id]

    def _enter(self, card, partner):
        now = fields.Datetime.to_string(fields.Datetime.now())
        partner_id = partner and partner.id
        return self.config.use_coupon_code(
            card.code, now, partner_id, self.config.pricelist_id.id
        )

    def _pay(self, card, partner):
        """Pay 100 with a code of 10 percent, as the till sends it."""
        reward = card.program_id.reward_ids
        discount = dict.fromkeys(
            ("price_unit", "price_subtotal", "price_subtotal_incl"), -10
        )
        line = {
            "product": reward.discount_line_product_id,
            "quantity": 1,
            "is_reward_line": True,
            "reward_id": reward.id,
            "coupon_id": card.id,
            "reward_identifier_code": "X",
            "points_cost": 1,
            **discount,
        }
        data = self.create_ui_order_data([(self.milk, 1), line], customer=partner)
        result = self.env["pos.order"].sync_from_ui([data])
        order = self.env["pos.order"].browse(result["pos.order"][0]["id"])
        spent = {"points": -1, "program_id": card.program_id.id, "coupon_id": card.id}
        order.confirm_coupon_programs({card.id: {**spent, "line_codes": ["X"]}})
        return data, order

    def test_a_code_works_for_its_customer_only(self):
        card = self._code(self.contact)
        for partner in (self.contact, self.colleague, self.firm):
            with self.subTest(partner=partner.name):
                found = self._enter(card, partner)
                self.assertTrue(found["successful"])
                self.assertEqual(found["payload"]["coupon_id"], card.id)
        for partner in (self.stranger, None):
            found = self._enter(card, partner)
            self.assertFalse(found["successful"])
            self.assertNotIn("Contact", found["payload"]["error_message"])

    def test_other_coupons_are_as_before(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Open",
                "program_type": "coupons",
                "trigger": "with_code",
                "reward_ids": [Command.create({"discount": 10})],
            }
        )
        card = self.env["loyalty.card"].create({"program_id": program.id, "points": 1})
        self.assertTrue(self._enter(card, None)["successful"])
        card.partner_id = self.contact
        self.assertFalse(self._enter(card, self.stranger)["successful"])

    def test_a_code_pays_once(self):
        card = self._code(self.contact)
        data, order = self._pay(card, self.colleague)
        self.assertEqual(order.amount_total, 90)
        self.assertEqual(card.points, 0)
        offer = card.program_id.offer_ids
        self.assertRecordValues(
            offer, [{"redeemed_count": 1, "revenue": 90, "cost": 10}]
        )
        self.assertFalse(self._enter(card, self.contact)["successful"])
        with self.assertRaisesRegex(ValidationError, "already been used"):
            self._pay(card, self.contact)
        # What the till sends twice is one order.
        self.env["pos.order"].sync_from_ui([data])

    def test_paying_with_anothers_code_is_refused(self):
        card = self._code(self.contact)
        with self.assertRaisesRegex(ValidationError, "personal"):
            self._pay(card, self.stranger)
        _data, order = self._pay(self._code(self.stranger), self.stranger)
        found = order.validate_coupon_programs({str(card.id): -1}, [])
        self.assertFalse(found["successful"])
        self.assertIn("personal", found["payload"]["message"])
        order.partner_id = self.colleague
        found = order.validate_coupon_programs({str(card.id): -1}, [])
        self.assertTrue(found["successful"])

    def test_the_margin_floor_holds(self):
        self.assertTrue(self._pay(self._code(self.contact, margin_floor=33), self.firm))
        with self.assertRaisesRegex(ValidationError, "margin"):
            self._pay(self._code(self.contact, margin_floor=34), self.firm)

    def test_a_gift_that_tills_do_not_sell_closes_none(self):
        self.milk.available_in_pos = False
        offer = self._offer(offer_type="product", product_id=self.milk.id)
        self.assertFalse(offer.program_id.pos_ok)
        self.milk.available_in_pos = True
        offer = self._offer(offer_type="product", product_id=self.milk.id)
        self.assertTrue(offer.program_id.pos_ok)
