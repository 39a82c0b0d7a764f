from odoo import api, models

from .loyalty_pending import STILL


class LoyaltyPending(models.Model):
    """Pending points of contacts that become one."""

    _inherit = "loyalty.pending"

    @api.model
    def _hand_over(self, account, into):
        """What pends for an account that is merged pends for the one that takes over,
        and what was cancelled may pend again there; what both have, such as the bonus
        of the sign-up, it has once.

        :param account: ``customer.loyalty`` that is given up
        :param into: ``customer.loyalty``
        """
        mine, theirs = account._with_merged(), into._with_merged()
        moved = self._open_of(mine, (*STILL, "rejected"))
        twice = moved & moved._also_of(theirs)
        twice |= self._open_of(theirs, ("waiting", "held"))._booked_for(mine)
        twice.filtered(lambda row: row.state in ("waiting", "held")).state = "cancelled"
        (moved - twice).loyalty_id = into

    @api.model
    def _open_of(self, accounts, states):
        domain = [("loyalty_id", "in", accounts.ids), ("state", "in", states)]
        return self.sudo().search(domain)

    def _also_of(self, accounts):
        """Return those whose keys accounts know, booked or pending."""
        domain = [
            ("loyalty_id", "in", accounts.ids),
            ("idempotency_key", "in", self.mapped("idempotency_key")),
        ]
        known = set(self.sudo().search(domain).mapped("idempotency_key"))
        return self._booked_for(accounts) | self.filtered(
            lambda row: row.idempotency_key in known
        )

    def _booked_for(self, accounts):
        """Return those whose keys accounts have transactions of."""
        domain = [
            ("loyalty_id", "in", accounts.ids),
            ("idempotency_key", "in", self.mapped("idempotency_key")),
        ]
        rows = self.env["loyalty.transaction"].sudo().search(domain)
        known = set(rows.mapped("idempotency_key"))
        return self.filtered(lambda row: row.idempotency_key in known)
