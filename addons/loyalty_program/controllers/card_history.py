from odoo.http import request, route

from odoo.addons.loyalty.controllers.portal import CustomerPortalLoyalty

from .loyalty_portal import LATEST, PAGE


class CardHistory(CustomerPortalLoyalty):
    """Standard's pages of a card that has an account tell what the ledger says.

    Standard keeps a history of orders and tills alone: what was given, adjusted or
    expired is not in it, and points of orders are not in it either.
    """

    @route()
    def portal_my_loyalty_card_history(self, card_id, **kw):
        """The history of the account, where there is one that members see."""
        accounts = request.env["customer.loyalty"]._of_user(request.env.user)
        account = accounts.filtered(lambda a: a.card_id.id == card_id)
        if account:
            return request.redirect(f"{PAGE}/history?account={account.id}")
        return super().portal_my_loyalty_card_history(card_id, **kw)

    @route()
    def portal_get_card_history_values(self, card_id):
        """The latest rows of the ledger instead of the card's own history."""
        found = super().portal_get_card_history_values(card_id)
        mine = [
            ("card_id", "=", int(card_id)),
            ("customer_id", "=", request.env.user.partner_id.id),
        ]
        account = found and request.env["customer.loyalty"].sudo().search(mine)
        if account:
            found["history_lines"] = self._ledger_lines(account)
        return found

    def _ledger_lines(self, account):
        """Return the latest movements as standard's dialog shows them."""
        transactions = request.env["loyalty.transaction"].sudo()
        rows = transactions.search([("loyalty_id", "=", account.id)], limit=LATEST)
        return [
            {
                "order_id": row.source_type == "sale.order" and row.source_id,
                "description": row.source_description or row.source_type,
                "order_portal_url": self._order_url(row),
                "points": f"{'-' if row.points < 0 else '+'}"
                f"{account.card_id._format_points(abs(row.points))}",
            }
            for row in rows
        ]

    def _order_url(self, row):
        """Return where the customer reads of the order behind a movement, or False."""
        if row.source_type != "sale.order":
            return False
        order = request.env["sale.order"].sudo().browse(row.source_id).exists()
        is_own = order.partner_id == request.env.user.partner_id
        return order.get_portal_url() if order and is_own else False
