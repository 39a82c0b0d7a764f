from odoo import models
from odoo.tools import SQL

# What the till can give; free delivery means nothing there.
AT_THE_TILL = ("discount_percent", "discount_fixed", "product")


class JourneyOffer(models.Model):
    _inherit = "journey.offer"

    def _prepare_program_values(self):
        # A free product that the till does not sell would keep every till closed.
        product = self.offer_type != "product" or self.product_id.available_in_pos
        pos_ok = self.offer_type in AT_THE_TILL and product
        return {**super()._prepare_program_values(), "pos_ok": pos_ok}

    def _query_redemptions(self, programs) -> SQL:
        self.env["pos.order"].flush_model()
        self.env["pos.order.line"].flush_model()
        orders = SQL(
            """
            SELECT r.program_id,
                   (o.amount_total - o.amount_tax)
                   / coalesce(nullif(o.currency_rate, 0), 1) AS revenue,
                   -sum(l.price_subtotal)
                   / coalesce(nullif(o.currency_rate, 0), 1) AS cost
              FROM loyalty_reward r
              JOIN pos_order_line l ON l.reward_id = r.id
              JOIN pos_order o ON o.id = l.order_id
             WHERE r.program_id = ANY(%s) AND o.state IN ('paid', 'done')
             GROUP BY r.program_id, o.id
            """,
            list(programs),
        )
        return SQL("%s UNION ALL %s", super()._query_redemptions(programs), orders)
