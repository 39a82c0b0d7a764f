from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestDashboard(LoyaltyCommon):
    def _dashboard(self, program=None):
        self.env.flush_all()
        return self.service.get_dashboard((program or self.program).id)

    def test_figures_agree_with_the_transactions(self):
        account = self._member()
        with freeze_time(NOW - timedelta(days=40)):
            account.earn_points(300, "test")
            account.redeem_points(100, "product", 10)
        account.earn_points(50, "test")
        data = self._dashboard()
        by_month = {row["month"]: row for row in data["months"]}
        self.assertEqual(len(by_month), 12)
        self.assertEqual(data["months"][-1]["month"], "2040-06-01")
        self.assertEqual(by_month["2040-06-01"]["issued"], 50)
        may = by_month["2040-05-01"]
        self.assertEqual(
            (may["issued"], may["redeemed"], may["expired"]), (300, 100, 0)
        )
        self.assertEqual(data["metrics"], self.service._metrics(self.program))
        self.assertEqual(data["metrics"]["liability"], 25)
        self.assertEqual(data["point_value"], 0.1)

    def test_a_month_is_one_of_the_company(self):
        self.shop.partner_id.tz = "Asia/Dhaka"
        account = self._member()
        with freeze_time("2040-05-31 19:00:00"):
            account.earn_points(10, "test")
        by_month = {row["month"]: row["issued"] for row in self._dashboard()["months"]}
        self.assertEqual((by_month["2040-05-01"], by_month["2040-06-01"]), (0, 10))

    def test_points_about_to_expire(self):
        account = self._member()
        with freeze_time(NOW - timedelta(days=355)):
            account.earn_points(30, "test")
        with freeze_time(NOW - timedelta(days=300)):
            account.earn_points(20, "test")
        expiring = self._dashboard()["expiring"]
        self.assertEqual((expiring["points"], expiring["members"]), (30, 1))
        self.assertEqual(expiring["days"], 30)
        months = {row["month"]: row["points"] for row in expiring["months"]}
        self.assertEqual(months["2040-06-01"], 30)
        self.assertEqual(months["2040-08-01"], 20)
        self.assertEqual(account.points_expiring, 30)

    def test_tiers_and_what_is_held(self):
        self._member(1200)
        account = self._member()
        self.program.daily_earning_cap = 5
        self._buy(account)
        data = self._dashboard()
        tiers = {row["code"]: row["members"] for row in data["tiers"]}
        self.assertEqual(tiers, {"bronze": 1, "silver": 1, "gold": 0, "platinum": 0})
        self.assertEqual(data["held"], 1)
        self.assertEqual(data["enrollment_target"], 70)

    def test_unknown_programs_are_refused(self):
        plain = self.env["loyalty.program"].create(
            {"name": "Plain", "program_type": "loyalty"}
        )
        for value in (plain.id, 2**31 - 1, "x", True):
            with (
                self.subTest(value),
                self.assertRaisesRegex(ValidationError, "program_id"),
            ):
                self.service.get_dashboard(value)

    def test_a_shop_without_accounts(self):
        company = self._create_company()
        service = self.service.with_context(allowed_company_ids=company.ids)
        data = service.get_dashboard()
        self.assertFalse(data["program"])
