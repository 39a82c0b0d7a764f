from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class LifecycleOrders(models.AbstractModel):
    """The orders behind a customer's figures, of all contacts of the customer."""

    _name = "lifecycle.orders"
    _description = "Orders of a Customer"

    order_ids = fields.Many2many(
        "sale.order",
        string="Sales orders",
        compute="_compute_order_ids",
        search="_search_order_ids",
    )

    @api.depends("customer_id", "company_id")
    def _compute_order_ids(self):
        groups = self.env["sale.order"]._read_group(
            [("partner_id.commercial_partner_id", "in", self.customer_id.ids)],
            ["partner_id", "company_id"],
            ["id:recordset"],
        )
        found = {}
        for partner, company, orders in groups:
            key = (partner.commercial_partner_id, company)
            found[key] = found.get(key, orders) | orders
        for row in self:
            row.order_ids = found.get((row.customer_id, row.company_id), False)

    @api.model
    def _search_order_ids(self, operator, value):
        """Find the rows with any of the orders that a domain selects."""
        if operator not in ("any", "any!"):
            return NotImplemented
        orders = self.env["sale.order"]
        if operator == "any!":
            orders = orders.sudo()
        chosen = orders._search(value).subselect()
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                """(%s, %s) IN (
                    SELECT rp.commercial_partner_id, o.company_id
                      FROM sale_order o JOIN res_partner rp ON rp.id = o.partner_id
                     WHERE o.id IN %s)""",
                SQL.identifier(alias, "customer_id"),
                SQL.identifier(alias, "company_id"),
                chosen,
            )
        )
