from odoo import models
from odoo.tools import SQL

from ..tools.movement import rounded


class SaleOrder(models.Model):
    """What an order says of its points is what the ledger says.

    Standard writes a history of its own when an order is confirmed, before it has
    earned anything.
    """

    _inherit = "sale.order"

    def _add_loyalty_history_lines(self):
        """A card that the order neither fills nor uses yet has no history of it."""
        if not self.order_line.coupon_id and all(
            not entry.points and entry.coupon_id.sudo().program_id.accounts_since
            for entry in self.coupon_point_ids
        ):
            return None
        return super()._add_loyalty_history_lines()

    def _compute_loyalty_data(self):
        result = super()._compute_loyalty_data()
        moved = self._loyalty_shown()
        others = self._loyalty_shown_of_others(moved)
        for order in self.filtered(lambda order: order.id in moved):
            cards = order.coupon_point_ids.coupon_id
            earned, used = moved[order.id]
            more_earned, more_used = others.get(order.id, (0, 0))
            order.loyalty_data = {
                "point_name": (len(cards) == 1 and cards.point_name)
                or self.env._("Points"),
                "issued": rounded(earned + more_earned),
                "cost": rounded(used + more_used),
            }
        return result

    def _loyalty_shown(self):
        """Return {order id: (points earned, points used)} of what the ledger has."""
        confirmed = self.filtered(lambda order: order.state == "sale" and order.id)
        if not confirmed:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT source_id,
                       coalesce(sum(points) FILTER (
                           WHERE transaction_type = 'earn'), 0)::float8,
                       coalesce(-sum(points) FILTER (
                           WHERE transaction_type = 'redeem'), 0)::float8
                  FROM loyalty_transaction
                 WHERE source_type = 'sale.order' AND source_id = ANY(%s)
                 GROUP BY 1
                """,
                list(confirmed.ids),
            )
        )
        return {order: (issued, used) for order, issued, used in rows}

    def _loyalty_shown_of_others(self, orders):
        """Return the same of cards without accounts, by standard's history.

        :param orders: ids of ``sale.order``
        """
        domain = [
            ("order_model", "=", self._name),
            ("order_id", "in", list(orders)),
            ("card_id.program_id.accounts_since", "=", False),
        ]
        history = self.env["loyalty.history"].sudo()
        rows = history._read_group(domain, ["order_id"], ["issued:sum", "used:sum"])
        return {order: (issued, used) for order, issued, used in rows}
