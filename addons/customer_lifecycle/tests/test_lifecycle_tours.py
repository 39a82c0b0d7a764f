import csv
import io
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from ..controllers import dashboard_export, dashboard_tables

EXPORT = "/customer_lifecycle/dashboard/export"
# Days of silence that lead to each stage.
SILENCES = {"Lena Lapsed": 200, "Rita Risky": 45, "Alma Active": 20, "Dora Dormant": 70}


class LifecycleTourCase(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Tour Dairy"})
        cls.env = cls.env(
            context=cls.env.context | {"allowed_company_ids": cls.company.ids}
        )
        cls.marketer = cls._create_user("marketer", "group_lifecycle_user")
        cls.manager = cls._create_user("lifecycle_boss", "group_lifecycle_manager")
        cls.salesperson = cls._create_user(
            "salesperson", "sales_team.group_sale_salesman_all_leads"
        )

    @classmethod
    def _create_user(cls, login, group):
        group = group if "." in group else f"customer_lifecycle.{group}"
        return new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,{group}",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    @classmethod
    def _create_history(cls):
        """Orders of a year, and the stages as they went week by week."""
        today = fields.Date.today()
        for name, silence in SILENCES.items():
            for days in range(silence, silence + 60, 20):
                cls._create_order(name, today - timedelta(days=days))
        engine = cls.env["lifecycle.engine"].sudo()
        engine._replay_history(today - timedelta(days=280), today, 14)

    @classmethod
    def _create_order(cls, name, day):
        partner = cls.env["res.partner"].search([("name", "=", name)], limit=1)
        partner = partner or cls.env["res.partner"].create({"name": name})
        order = cls.env["sale.order"].create(
            {"partner_id": partner.id, "company_id": cls.company.id}
        )
        order.action_confirm()
        order.date_order = fields.Datetime.to_datetime(day)

    @classmethod
    def _lifecycle(cls, name):
        return cls.env["customer.lifecycle"].search(
            [("customer_id.name", "=", name), ("company_id", "=", cls.company.id)]
        )


@tagged("post_install", "-at_install")
class TestLifecycleTours(LifecycleTourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_history()
        cls.lapsed = cls._lifecycle("Lena Lapsed")

    def test_marketer_walks_from_the_figures_to_the_customers(self):
        self.start_tour(
            "/odoo/lifecycle-dashboard", "lifecycle_dashboard", login="marketer"
        )

    def test_marketer_works_through_the_board(self):
        row = self._lifecycle("Rita Risky")
        self.start_tour("/odoo/at-risk", "lifecycle_board", login="marketer")
        self.assertFalse(row.handled_until)
        notes = row.customer_id.message_ids.mapped("body")
        self.assertTrue(any("Prefers mornings" in note for note in notes))
        self.assertEqual(row.customer_id.activity_ids.user_id, self.marketer)

    def test_marketer_opens_every_menu_and_every_view(self):
        self.start_tour(
            "/odoo/lifecycle-dashboard", "lifecycle_menus", login="marketer"
        )

    def test_manager_exports_the_figures(self):
        self.start_tour(
            "/odoo/lifecycle-dashboard",
            "lifecycle_dashboard_export",
            login="lifecycle_boss",
        )

    def test_marketer_asks_why_and_reads_the_timeline(self):
        url = f"/odoo/customer.lifecycle/{self.lapsed.id}"
        self.start_tour(url, "lifecycle_customer", login="marketer")

    def test_manager_tries_a_policy_before_saving(self):
        policy = self.env["lifecycle.policy"]._ensure(self.company)
        url = f"/odoo/lifecycle.policy/{policy.id}"
        self.start_tour(url, "lifecycle_policy", login="lifecycle_boss")
        self.assertEqual(policy.churn_days, 90)

    def test_salesperson_sees_the_card_and_opens_an_order(self):
        url = f"/odoo/res.partner/{self.lapsed.customer_id.id}"
        self.start_tour(url, "lifecycle_partner", login="salesperson")

    def test_manager_erases_who_asked_for_it(self):
        customer = self.lapsed.customer_id
        url = f"/odoo/res.partner/{customer.id}"
        self.start_tour(url, "lifecycle_privacy", login="lifecycle_boss")
        self.env.invalidate_all()
        self.assertEqual(customer.name, f"Erased customer {customer.id}")
        self.assertFalse(customer.active)

    def test_salesperson_does_not_see_the_dashboard(self):
        self.start_tour(
            "/odoo/lifecycle-dashboard",
            "lifecycle_dashboard_denied",
            login="salesperson",
        )


@tagged("post_install", "-at_install")
class TestEmptyDashboard(LifecycleTourCase):
    def test_a_shop_without_customers_is_led_to_the_import(self):
        self.start_tour(
            "/odoo/lifecycle-dashboard",
            "lifecycle_dashboard_empty",
            login="lifecycle_boss",
        )


@tagged("post_install", "-at_install")
class TestImportTour(LifecycleTourCase):
    def test_manager_imports_a_file_and_sees_what_was_left_out(self):
        url = "/odoo/action-customer_lifecycle.lifecycle_import_action"
        self.start_tour(url, "lifecycle_import", login="lifecycle_boss")
        imported = self.env["lifecycle.import"].search(
            [("company_id", "=", self.company.id)]
        )
        cron = self.env.ref("customer_lifecycle.ir_cron_lifecycle_import")
        cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertRecordValues(imported, [{"state": "done", "errors": 1}])
        self.assertEqual(self._lifecycle("Ida Import").total_orders, 1)
        self.assertEqual(self._lifecycle("Ivo Import").total_revenue, 20)
        url = f"/odoo/lifecycle.import/{imported.id}"
        self.start_tour(url, "lifecycle_import_result", login="lifecycle_boss")


@tagged("post_install", "-at_install")
class TestDashboardExport(LifecycleTourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_history()

    def _get(self, login, path):
        self.authenticate(login, login)
        return self.url_open(f"{EXPORT}/{path}")

    def test_csv_holds_what_the_dashboard_shows(self):
        response = self._get("lifecycle_boss", "csv")
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        engine = self.env["lifecycle.engine"].with_user(self.marketer)
        for stage in engine.get_dashboard()["stages"]:
            self.assertIn(
                [stage["label"], str(stage["customers"])], [r[:2] for r in rows]
            )

    def test_a_name_in_a_csv_file_is_no_formula(self):
        names = [f"{mark}HYPERLINK(1)" for mark in "=+-@\t\r"]
        rows = [[(name, "text"), (-1.5, "number")] for name in names]
        sheet = dashboard_tables.Table("Names", ["Name", "Figure"], rows)
        with patch.object(dashboard_export, "tables", lambda _env, _data: [sheet]):
            content = self._get("lifecycle_boss", "csv").content.decode("utf-8-sig")
        found = list(csv.reader(io.StringIO(content, newline="")))[2:-1]
        self.assertEqual(found, [[f"'{name}", "-1.5"] for name in names])

    def test_xlsx_is_a_workbook(self):
        response = self._get(
            "lifecycle_boss", "xlsx?date_from=2020-01-01&date_to=2020-12-31"
        )
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content[:2], b"PK")
        self.assertIn("2020-12-31.xlsx", response.headers["Content-Disposition"])

    def test_bad_requests_are_refused_with_their_reason(self):
        foreign = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        for path, status in (
            ("csv?date_from=2026-13-01", 422),
            ("csv?companies=x", 422),
            (f"csv?companies={foreign.id}", 403),
            ("pdf", 404),
        ):
            with self.subTest(path=path):
                response = self._get("lifecycle_boss", path)
                self.assertEqual(response.status_code, status)

    def test_only_managers_export(self):
        new_test_user(self.env, login="portal_tour", groups="base.group_portal")
        for login in ("marketer", "salesperson", "portal_tour"):
            with self.subTest(login=login):
                self.assertEqual(self._get(login, "csv").status_code, 403)

    def test_nobody_exports_without_a_login(self):
        response = self.url_open(f"{EXPORT}/csv", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])
