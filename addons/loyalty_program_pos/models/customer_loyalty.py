from odoo import models
from odoo.tools import SQL

from .pos_order_loyalty import PAID


class CustomerLoyalty(models.Model):
    """What was bought at the till counts as what was bought elsewhere."""

    _inherit = "customer.loyalty"

    def _has_ordered(self, owner, order=None):
        if super()._has_ordered(owner, order):
            return True
        domain = [
            ("partner_id.commercial_partner_id", "=", owner.id),
            ("state", "in", PAID),
            ("amount_total", ">", 0),
        ]
        return bool(self.env["pos.order"].sudo().search_count(domain, limit=1))

    def _purchases_query(self):
        return SQL("%s UNION ALL %s", super()._purchases_query(), self._sales_query())

    def _sales_query(self):
        """Sum up orders of the till, less what was refunded, in the company's currency;
        orders of the office that are paid there count at the office.
        """
        return SQL(
            """
            SELECT a.id, a.program_id, o.company_id, c.currency_id = g.currency_id,
                   count(*) FILTER (WHERE o.amount_total - x.amount > 0),
                   sum((o.amount_total - x.amount)
                       / coalesce(nullif(o.currency_rate, 0), 1))::float8
              FROM customer_loyalty a JOIN loyalty_program g ON g.id = a.program_id
              JOIN pos_order o
                ON o.partner_id = a.customer_id AND o.state = ANY(%(paid)s)
               AND (a.company_id IS NULL OR o.company_id = a.company_id)
              JOIN res_company c ON c.id = o.company_id
              CROSS JOIN LATERAL (%(office)s) x
             WHERE a.id = ANY(%(ids)s) GROUP BY 1, 2, 3, 4
            """,
            paid=list(PAID),
            office=self._office_query(),
            ids=self.ids,
        )

    def _office_query(self):
        """Select what of an order ``o`` of the till belongs to the office."""
        if "sale_order_origin_id" not in self.env["pos.order.line"]._fields:
            return SQL("SELECT 0 AS amount")
        return SQL(
            "SELECT coalesce(sum(l.price_subtotal_incl), 0) AS amount"
            "  FROM pos_order_line l"
            " WHERE l.order_id = o.id AND l.sale_order_origin_id IS NOT NULL"
        )
