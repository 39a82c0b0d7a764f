from odoo import api, models
from odoo.tools import SQL

from .pos_order_loyalty import PAID


class LoyaltyBackfillRefunds(models.AbstractModel):
    """Past orders of the office of which something came back at a till."""

    _inherit = "loyalty.backfill.refunds"

    @api.model
    def _apart_queries(self):
        queries = super()._apart_queries()
        if "sale_order_line_id" not in self.env["pos.order.line"]._fields:
            return queries
        query = SQL(
            """
            SELECT l.order_id
              FROM orders o JOIN sale_order_line l ON l.order_id = o.id
              JOIN pos_order_line s ON s.sale_order_line_id = l.id
               AND s.sale_order_line_id IS NOT NULL
              JOIN pos_order_line r ON r.refunded_orderline_id = s.id
               AND r.refunded_orderline_id IS NOT NULL
              JOIN pos_order b ON b.id = r.order_id AND b.state = ANY(%s)
            """,
            list(PAID),
        )
        return [*queries, query]
