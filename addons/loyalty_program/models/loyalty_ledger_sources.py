from odoo import api, models

from ..tools.movement import Movement, rounded


class LoyaltyLedgerSources(models.AbstractModel):
    """What standard's own flows mean for the ledger, one method per event."""

    _name = "loyalty.ledger.sources"
    _description = "Loyalty Ledger: sources"

    @api.model
    def _explain_confirm(self, source, standing, delta):
        """Each order redeems what its reward lines cost; what that was worth, in the
        program's currency.
        """
        orders = self.env["sale.order"].sudo().browse(source.ids)
        program = self.env["loyalty.program"].sudo().browse(standing.program_id)
        found = []
        for order in orders:
            lines = order.order_line.filtered(
                lambda line: line.coupon_id.id == standing.card_id
            )
            cost = rounded(sum(lines.mapped("points_cost")))
            if cost:
                value = -sum(lines.mapped("price_subtotal"))
                value *= order._loyalty_rate(program)
                found.append(self._redemption(order, -cost, value))
        return found

    @api.model
    def _explain_cancel(self, source, standing, delta):
        """Each order gives back what it had redeemed."""
        orders = self.env["sale.order"].sudo().browse(source.ids)
        booked = self._net(standing, "redeem", "sale.order", orders.ids)
        return [
            self._redemption(order, -booked[order.id][0], undoes=booked[order.id][1])
            for order in orders
            if booked.get(order.id, (0,))[0]
        ]

    @api.model
    def _explain_lines(self, source, standing, delta):
        """The order of the lines redeems more, or less."""
        if len(source.ids) != 1 or not delta:
            return []
        order = self.env["sale.order"].sudo().browse(source.ids)
        undoes = ()
        if delta > 0:
            booked = self._net(standing, "redeem", "sale.order", order.ids)
            undoes = booked.get(order.id, (0, ()))[1]
        return [self._redemption(order, delta, undoes=undoes)]

    @api.model
    def _explain_reason(self, source, standing, delta):
        """Somebody changed the balance and said why: an adjustment with that text."""
        return []

    def _redemption(self, order, points, value=None, undoes=()):
        return Movement(
            "redeem",
            points,
            "sale.order",
            order.id,
            order.name,
            redemption_type="discount",
            redemption_value=value,
            undoes=undoes,
        )
