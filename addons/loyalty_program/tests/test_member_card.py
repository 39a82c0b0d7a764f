from datetime import timedelta
from unittest.mock import patch
from uuid import UUID

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestMemberCard(LoyaltyCommon):
    def test_the_contact_leads_to_its_account(self):
        account = self._member(120)
        customer = account.customer_id
        self.assertEqual(customer.loyalty_account_count, 1)
        self.assertEqual(customer.loyalty_account_points, 120)
        action = customer.action_view_loyalty_accounts()
        self.assertEqual(action["res_id"], account.id)
        self.assertEqual(self._member().customer_id.loyalty_account_points, 0)

    def test_a_firm_leads_to_the_accounts_of_its_contacts(self):
        firm = self._create_customer(is_company=True)
        one, other = (
            self._member(10, parent_id=firm.id),
            self._member(parent_id=firm.id),
        )
        self.assertEqual(firm.loyalty_account_count, 2)
        self.assertEqual(firm.loyalty_account_points, 10)
        self.assertEqual(one.customer_id.loyalty_account_count, 1)
        action = firm.action_view_loyalty_accounts()
        self.assertEqual(self.accounts.search(action["domain"]), one + other)

    def test_progress_and_name_of_the_tier(self):
        account = self._member(3000)
        self.assertEqual(account.tier_progress, 50)
        self.program.tier_ids.filtered(lambda t: t.code == "silver").name = "Shiny"
        self.assertEqual(account.tier_name, "Shiny")

    def test_what_became_of_a_code(self):
        account = self._member(300)
        reward = self.program.reward_ids
        codes = [account._redeem_reward(reward)["code"] for _n in range(3)]
        cards = self.env["loyalty.card"]
        used, returned, _open = (cards.search([("code", "=", code)]) for code in codes)
        used.points = 0
        returned._return_points(NOW)
        self.env.invalidate_all()
        states = {row.redemption_code: row.code_state for row in account.code_ids}
        self.assertEqual([states[code] for code in codes], ["used", "returned", "open"])
        with freeze_time(NOW + timedelta(days=40)):
            self.env.invalidate_all()
            row = account.code_ids.filtered(lambda r: r.redemption_code == codes[2])
            self.assertEqual(row.code_state, "expired")
        self.assertEqual(reward.redemption_count, 3)

    def test_a_transaction_leads_to_its_source(self):
        account = self._member()
        order = self._buy(account)
        action = account.transaction_ids.action_open_source()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("sale.order", order.id)
        )
        account.earn_points(1, "by word")
        with self.assertRaisesRegex(UserError, "no record"):
            account.transaction_ids[0].action_open_source()

    def test_a_tier_leads_to_its_members(self):
        account = self._member(1200)
        silver = self.program.tier_ids.filtered(lambda t: t.code == "silver")
        self.assertEqual(silver.member_count, 1)
        domain = silver.action_open_members()["domain"]
        self.assertEqual(self.accounts.search(domain), account)

    def test_codes_that_standard_draws_twice_hinder_nobody(self):
        customers = self._create_customer() + self._create_customer()
        drawn = UUID("12345678-1234-4123-8123-123456789012")
        with patch("odoo.addons.loyalty.models.loyalty_card.uuid4", lambda: drawn):
            opened = self.accounts._open_many(self.program, customers.ids)
        codes = opened.card_id.mapped("code")
        self.assertEqual(len(set(codes)), 2)
        for code in codes:
            self.assertRegex(code, r"^0448-1234-4123(-[0-9a-f]{4}){2}$")

    def test_who_asks_to_be_forgotten_leaves_figures_alone(self):
        account, other = self._member(120), self._member()
        for one in (account, other):
            one.adjust_points(5, "Mrs Rahman was kind on the phone")
        self.env["lifecycle.engine"].erase_customer(account.customer_id.id)
        self.env.invalidate_all()
        told = account.transaction_ids.mapped("source_description")
        self.assertNotIn("Mrs Rahman was kind on the phone", told)
        told = other.transaction_ids.mapped("source_description")
        self.assertIn("Mrs Rahman was kind on the phone", told)
        self.assertEqual(account.points_balance, 125)
        self._assert_sound(account)
