from odoo import fields
from odoo.tests import tagged

from odoo.addons.customer_lifecycle.tests.pictures import PageCase
from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon

from .till_common import TIERS


@tagged("post_install", "-at_install")
class TestTillTour(PageCase, TestPointOfSaleHttpCommon):
    """What the till shows is what the ledger books."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref(
            "customer_lifecycle.group_lifecycle_manager"
        )
        cls.env["loyalty.program"].search([]).action_archive()
        cls.program = cls.env["loyalty.program"].create(
            {
                "name": "Milk Club",
                "program_type": "loyalty",
                "company_id": cls.env.company.id,
                "currency_id": cls.main_pos_config.currency_id.id,
                "is_active": True,
                "tiers": TIERS,
                "earning_rules": [{"type": "purchase", "points_per_unit": 1}],
                "redemption_rules": [{"points": 100, "value": 10, "type": "discount"}],
            }
        )
        cls.env["loyalty.reward"].create(
            {
                "program_id": cls.program.id,
                "description": "Golden half",
                "discount": 50,
                "required_points": 10,
                "min_tier": "gold",
            }
        )
        partners = cls.env["res.partner"]
        firm = partners.create({"name": "AAA Firm", "is_company": True})
        # Contacts have accounts of their own.
        nadia = partners.create({"name": "AAA Nadia", "parent_id": firm.id})
        accounts = cls.env["customer.loyalty"].sudo()
        now = fields.Datetime.now()
        cls.account = accounts._enroll(cls.program, nadia, now)
        cls.account.earn_points(150, "test")

    def test_a_member_earns_and_spends_at_the_till(self):
        self.main_pos_config.with_user(self.pos_user).open_ui()
        address = f"/pos/ui/{self.main_pos_config.id}"
        with self._pictured("till"):
            self.start_tour(address, "loyalty_till", login="pos_user")
        rows = self.account.transaction_ids.sorted("id")
        # 20 pens at 3.20 are 64, times 1.5 for silver members, from 200 points on.
        self.assertEqual(rows.mapped("points"), [150, 64, -100, 96])
        self.assertEqual(set(rows[1:].mapped("source_type")), {"pos.order"})
        self.assertFalse(self.env["loyalty.audit"]._differences(self.account))
