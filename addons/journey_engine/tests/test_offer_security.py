from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .offer_common import NOON, OfferCommon

SALES = "sales_team.group_sale_salesman"
MARKETER = "customer_lifecycle.group_lifecycle_user"
MANAGER = "customer_lifecycle.group_lifecycle_manager"
RIGHTS = {
    "base.group_portal": "",
    "base.group_user": "",
    SALES: "",
    MARKETER: "r",
    MANAGER: "rwcu",
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


@freeze_time(NOON)
@tagged("post_install", "-at_install")
class TestOfferSecurity(OfferCommon):
    def _user(self, groups, company=None):
        company = company or self.shop
        return new_test_user(
            self.env,
            groups.replace(".", "_").replace(",", "_") + company.name,
            groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _as(self, user, record):
        companies = user.company_ids.ids
        return record.with_user(user).with_context(allowed_company_ids=companies)

    def test_who_may_do_what(self):
        for groups, rights in RIGHTS.items():
            offers = self.env["journey.offer"].with_user(self._user(groups))
            found = [k for k, o in OPERATIONS.items() if offers.has_access(o)]
            with self.subTest(groups=groups):
                self.assertEqual("".join(found), rights)

    def test_a_manager_without_sales_rights_makes_offers(self):
        manager = self._user(MANAGER)
        offers = self._as(manager, self.env["journey.offer"])
        offer = offers.create({"name": "Mine", "value": 5})
        self.assertTrue(offer.sudo().program_id)
        offer.write({"value": 6, "minimum_amount": 7})
        self.assertEqual(offer.sudo().program_id.reward_ids.discount, 6)
        offer.unlink()

    def test_the_form_shows_what_the_role_may_see(self):
        manager = self._user(MANAGER)
        with Form(self._as(manager, self.env["journey.offer"])) as form:
            form.name = "By form"
            form.value = 15
            form.budget_count = 3
        self.assertEqual(form.record.sudo().program_id.reward_ids.discount, 15)
        self.assertNotIn("program_id", form._view["fields"])
        self.assertNotIn(
            "action_view_codes", etree.tostring(form._view["tree"]).decode()
        )
        offer = self._as(self._user(f"{MANAGER},{SALES}"), form.record)
        self.assertIn("program_id", Form(offer)._view["fields"])
        codes, orders = offer.action_view_codes(), offer.action_view_orders()
        for action in (codes, orders):
            self.assertFalse(offer.env[action["res_model"]].search(action["domain"]))

    def test_marketers_read_results(self):
        card = self._code(self.contact)
        self._order_with(card).action_confirm()
        offer = self._as(self._user(MARKETER), card.program_id.sudo().offer_ids)
        offer.invalidate_recordset()
        self.assertEqual((offer.redeemed_count, offer.cost), (1, 10))
        self.assertEqual(offer.budget_progress, 0)

    def test_other_companies_see_nothing(self):
        offer = self._create_offer()
        other = self.env["res.company"].create({"name": "Other"})
        offers = self._as(self._user(MANAGER, other), self.env["journey.offer"])
        self.assertFalse(offers.search([("id", "=", offer.id)]))
        with self.assertRaises(AccessError):
            offers.browse(offer.id).read(["name"])

    def test_salespeople_enter_codes(self):
        user = self._user(SALES)
        mine = self._code(self.contact, margin_floor=5)
        others = self._code(self.stranger)
        order = self._as(user, self._create_order(self.colleague, user_id=user.id))
        self.assertIn("personal", self._enter(order, others))
        self.assertFalse(self._enter(order, mine))
        self.assertEqual(order.amount_total, 90)
        order.action_confirm()
        self.assertEqual(mine.points, 0)
