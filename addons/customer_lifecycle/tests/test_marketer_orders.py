from lxml import etree

from odoo import Command, api
from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMarketerOrders(TransactionCase):
    """A marketer who is no salesperson reads the orders behind the figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketer = new_test_user(
            cls.env,
            login="marketer_orders",
            groups="customer_lifecycle.group_lifecycle_user",
        )
        product = cls.env["product.product"].create({"name": "Milk"})
        cls.partner = cls.env["res.partner"].create({"name": "Alma Active"})
        line = {"product_id": product.id, "product_uom_qty": 2, "price_unit": 21}
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.partner.id,
                "order_line": [Command.create(line | {"tax_ids": []})],
            }
        )
        cls.order.action_confirm()
        cls.env["lifecycle.engine"].evaluate_customers(cls.partner.ids)
        cls.env.flush_all()

    def _as(self, user):
        return api.Environment(self.env.cr, user.id, {})

    def _read_in_view(self, user, view_id, view_type, domain):
        """Read what the web client reads to show this view."""
        orders = self._as(user)["sale.order"]
        found = orders.get_views([(view_id, view_type)])
        arch = etree.fromstring(found["views"][view_type]["arch"])
        names = {node.get("name") for node in arch.iterfind("field")}
        return orders.web_search_read(domain, {name: {} for name in names})["records"]

    def test_the_orders_behind_the_figures_open(self):
        row = self._as(self.marketer)["customer.lifecycle"].search(
            [("customer_id", "=", self.partner.id)]
        )
        action = row.action_open_orders()
        views = {kind: view for view, kind in action["views"]}
        rows = self._read_in_view(
            self.marketer, views["list"], "list", action["domain"]
        )
        self.assertEqual([row["id"] for row in rows], self.order.ids)
        order = self._as(self.marketer)["sale.order"].browse(self.order.id)
        with Form(order, views["form"]) as form:
            self.assertEqual(form.amount_total, 42)

    def test_any_other_way_to_an_order_opens_it(self):
        order = self._as(self.marketer)["sale.order"].browse(self.order.id)
        form = Form(order)
        self.assertEqual(form.partner_id.display_name, "Alma Active")
        self.assertEqual(len(form.order_line), 1)

    def test_nothing_can_be_changed(self):
        order = self._as(self.marketer)["sale.order"].browse(self.order.id)
        arch = etree.fromstring(order.get_view(view_type="form")["arch"])
        self.assertEqual(arch.get("edit"), "0")
        self.assertFalse(arch.findall(".//button"))
        for vals in ({"client_order_ref": "x"}, {"order_line": []}):
            self.assertRaises(AccessError, order.write, vals)

    def test_a_salesperson_keeps_the_form_of_sales(self):
        salesperson = new_test_user(
            self.env,
            login="salesperson_orders",
            groups="sales_team.group_sale_salesman_all_leads,"
            "customer_lifecycle.group_lifecycle_user",
        )
        orders = self._as(salesperson)["sale.order"]
        ours = self.env.ref("customer_lifecycle.sale_order_view_form_marketer")
        # First the marketer's, so that a view from the cache would show.
        mine = self._as(self.marketer)["sale.order"].get_view(view_type="form")
        self.assertEqual(mine["id"], ours.id)
        self.assertNotEqual(orders.get_view(view_type="form")["id"], ours.id)
