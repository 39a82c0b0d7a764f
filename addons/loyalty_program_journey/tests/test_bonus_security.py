from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from .bonus_common import BonusCommon


@tagged("post_install", "-at_install")
class TestBonusSecurity(BonusCommon, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.env["res.company"]
        cls.shop = companies.create({"name": "Bonus"})
        cls.other = companies.create({"name": "Other"})
        cls.env.user.company_ids += cls.shop | cls.other
        cls.program = cls._club(cls.shop)
        customer = cls.env["res.partner"].create({"name": "Member"})
        accounts = cls.env["customer.loyalty"].sudo()
        account = accounts._enroll(cls.program, customer, fields.Datetime.now())
        cls.bonus = cls.env["journey.bonus"].create(
            {
                "offer_id": cls._bonus().id,
                "loyalty_id": account.id,
                "journey_model": "res.partner",
                "journey_id": customer.id,
                "journey_run_id": 1,
                "step_code": "step",
                "points": 20,
                "given_at": fields.Datetime.now(),
            }
        )

    def _user(self, group, company):
        return new_test_user(
            self.env,
            f"bonus_{company.id}_{group}",
            group,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_marketers_read_those_of_their_company(self):
        marketer = "customer_lifecycle.group_lifecycle_user"
        bonus = self.bonus.with_user(self._user(marketer, self.shop))
        self.assertEqual(bonus.points, 20)
        with self.assertRaises(AccessError):
            bonus.points = 5
        with self.assertRaises(AccessError):
            bonus.unlink()
        stranger = self._user(marketer, self.other)
        self.assertFalse(self.bonus.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.bonus.with_user(stranger).read(["points"])

    def test_nobody_else_reads_any(self):
        for group in ("base.group_user", "base.group_portal"):
            with self.subTest(group), self.assertRaises(AccessError):
                user = self._user(group, self.shop)
                self.bonus.with_user(user).read(["points"])
