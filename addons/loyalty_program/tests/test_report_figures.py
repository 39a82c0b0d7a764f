from datetime import timedelta

from odoo.tests import freeze_time, tagged

from odoo.addons.customer_lifecycle.controllers.dashboard_export import DashboardExport

from ..controllers.dashboard_tables import tables
from .common import NOW, Command, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestReportFigures(LoyaltyCommon):
    """What is told of customers and of the program is true of them."""

    def _metrics(self):
        return self.service.get_program_metrics(self.program.code)

    def test_enrolment_is_at_most_everybody(self):
        customers = self.env["customer.lifecycle"].sudo()
        firm, other = (self._create_customer(is_company=True) for _ in range(2))
        people = [self._create_customer(parent_id=firm.id) for _ in range(4)]
        for person in people:
            self._buy(None, 10, partner=person)
        customers._ensure(firm | other, self.shop, NOW)
        count = customers.search_count([("company_id", "=", self.shop.id)])
        metrics = self._metrics()
        self.assertEqual(metrics["members"], 4)
        self.assertGreater(count, 1)
        self.assertAlmostEqual(metrics["enrollment_rate"], 100 / count)
        other.action_archive()
        rate = self._metrics()["enrollment_rate"]
        self.assertAlmostEqual(rate, 100 / (count - 1))

    def test_who_only_lost_points_is_not_active(self):
        account = self._member()
        with freeze_time(NOW - timedelta(days=800)):
            account.earn_points(10, "test")
        self.env["loyalty.expiry"].sudo()._expire_all(NOW)
        self.assertEqual(account.points_balance, 0)
        self.assertEqual(self._metrics()["active"], 0)
        account.earn_points(10, "test")
        self.assertEqual(self._metrics()["active"], 1)

    def test_a_member_of_the_second_program_has_a_balance(self):
        second = self._program()
        account = self._member(70, program=second)
        found = self.service.get_balance(account.customer_id.id)
        self.assertEqual((found["program"], found["balance"]), (second.code, 70))
        friends = self.service.get_referrals(account.customer_id.id)
        self.assertEqual(friends["code"], account.referral_code)

    def test_a_member_of_both_programs_has_that_of_the_first(self):
        account = self._member(10)
        second = self._program()
        self.accounts.sudo()._enroll(second, account.customer_id, NOW)
        found = self.service.get_balance(account.customer_id.id)
        self.assertEqual((found["program"], found["balance"]), (self.program.code, 10))

    def test_who_is_no_member_is_none_of_the_first_program(self):
        self._member(70, program=self._program())
        found = self.service.get_balance(self._create_customer().id)
        self.assertEqual(
            (found["program"], found["loyalty_id"]), (self.program.code, False)
        )

    def test_the_contact_shows_no_points_that_have_expired(self):
        account, other = self._member(100), self._member(40)
        other.customer_id.parent_id = account.customer_id
        self.env.cr.execute(
            "UPDATE loyalty_point_lot SET expires_at = %s WHERE id = ANY(%s)",
            [NOW - timedelta(hours=1), account.lot_ids.ids],
        )
        self.env.invalidate_all()
        customer = account.customer_id
        self.assertEqual(self.service.get_balance(customer.id)["balance"], 0)
        self.assertEqual(customer.loyalty_account_points, 40)
        self.assertEqual(other.customer_id.loyalty_account_points, 40)

    def test_a_redemption_is_worth_what_it_is_in_the_programs_currency(self):
        foreign = self.env["res.currency"].create(
            {
                "name": "FGN",
                "symbol": "F",
                "rate_ids": [Command.create({"name": "2000-01-01", "rate": 4})],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": foreign.id}
        )
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 400)
        order.pricelist_id = pricelist
        order.order_line.price_unit = 400
        self._claim(order, account)
        self.assertEqual(order.amount_total, 360)
        order.action_confirm()
        row = account.transaction_ids.filtered(lambda t: t.transaction_type == "redeem")
        self.assertEqual((row.points, row.redemption_value), (-100, 10))

    def test_names_of_programs_are_no_formulas(self):
        self.program.name = "=1+2"
        data = self.service.get_dashboard(self.program.id)
        text = DashboardExport()._as_csv(tables(self.env, data))
        self.assertIn("Figure,'=1+2", text)
