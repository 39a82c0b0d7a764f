from datetime import datetime, time, timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tests.common import new_test_user

from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners
from odoo.addons.customer_lifecycle.tests.pictures import PageCase

from ..tools import demo_names, demo_plan

ACTION = "/odoo/action-customer_lifecycle."
# name: (address, what must be there before the picture is taken)
PAGES = {
    "dashboard": ("/odoo/lifecycle-dashboard", ".o_lifecycle_dashboard canvas"),
    "at-risk-board": ("/odoo/at-risk", ".o_kanban_record button"),
    "customers-by-stage": ("/odoo/customer-lifecycle", ".o_kanban_record"),
    "policy": (f"{ACTION}lifecycle_policy_action_open", ".o_lifecycle_matrix, table"),
    "stage-changes": (f"{ACTION}lifecycle_stage_history_action", ".o_data_row"),
    "timeline": (f"{ACTION}lifecycle_event_action", ".o_data_row"),
    "statistics": (f"{ACTION}lifecycle_daily_stat_action", ".o_graph_view canvas"),
    "waiting-events": (f"{ACTION}lifecycle_event_retry_action", ".o_view_nocontent"),
    "import": (f"{ACTION}lifecycle_import_action", ".o_list_view, .o_view_nocontent"),
    "consents": ("/odoo/consents", ".o_data_row"),
    "contact-log": ("/odoo/contact-log", ".o_view_nocontent"),
    "topics": ("/odoo/contact-topics", ".o_data_row"),
    "deliveries": ("/odoo/journey-deliveries", ".o_view_nocontent"),
    "offers": ("/odoo/action-journey_engine.journey_offer_action", ".o_data_row"),
    "frequency-caps": ("/odoo/frequency-caps", ".o_data_row"),
}


@tagged("post_install", "-at_install")
class TestDemoPages(PageCase):
    """Every page of the backend, opened in a browser by a lifecycle manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_shop()
        cls.env["lifecycle.engine"]._replay_history(
            fields.Date.today() - timedelta(days=180), fields.Date.today(), 15
        )
        new_test_user(
            cls.env,
            login="page_manager",
            groups="customer_lifecycle.group_lifecycle_manager",
        )
        cls.env["customer.consent"]._record(
            cls.env["customer.lifecycle"].search([], limit=20).customer_id,
            None,
            "granted",
            source="import",
            evidence="Newsletter form",
        )

    @classmethod
    def _create_shop(cls):
        """The generated part of the demo, as plain orders."""
        plan = list(demo_plan.customers())
        names = [demo_names.person(number)[0] for number in range(len(plan))]
        ids = insert_partners(cls.env, names)
        today = fields.Date.today()
        rows = [
            (partner, datetime.combine(today - timedelta(days=ago), time(6)), amount)
            for number, (partner, customer) in enumerate(zip(ids, plan, strict=True))
            for ago, amount in zip(
                customer.orders,
                demo_plan.amounts(len(customer.orders), number),
                strict=True,
            )
        ]
        insert_orders(cls.env, rows)

    def test_the_pages_of_the_customer_fit_too(self):
        user = new_test_user(
            self.env, "page_portal", "base.group_portal", email="page@example.com"
        )
        self._look("preferences", "/my/preferences", ".o_my_preferences", "page_portal")
        token = self.env["contact.unsubscribe"]._token(
            user.partner_id, self.env.ref("customer_preference.topic_offers")
        )
        page = f"/contact/unsubscribe/{token}"
        self._look("unsubscribe", page, "main .card button", None)

    def test_every_page_opens_without_error_and_fits_the_window(self):
        for name, (address, ready) in PAGES.items():
            with self.subTest(page=name):
                self._look(name, address, ready)

    def test_a_customer_at_risk_tells_why(self):
        row = self.env["customer.lifecycle"].search(
            [("current_stage", "=", "at_risk")],
            order="revenue_at_stake desc",
            limit=1,
        )
        self._look(
            "customer",
            f"/odoo/customer-lifecycle/{row.id}",
            ".o_form_view .o_widget_lifecycle_timeline",
        )


@tagged("post_install", "-at_install")
class TestDemoPagesPhone(TestDemoPages):
    """The same pages on a phone."""

    browser_size = "390x844"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True
