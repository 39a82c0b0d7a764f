from odoo import models
from odoo.tools import SQL


class LoyaltyBackfillCredit(models.AbstractModel):
    """Writing down what past orders earned, took back and lost since."""

    _name = "loyalty.backfill.credit"
    _description = "Crediting of past Orders"
    _inherit = ["loyalty.backfill.points"]

    def _credit(self, customers, now):
        """Credit the orders of some customers.

        :param list customers: ids of ``res.partner``
        :param datetime now: naive UTC
        :return: (orders credited, points, points of them that expired since)
        """
        earnings = self._earnings(customers)
        accounts = {
            account.customer_id.id: account.id
            for account in self.env["customer.loyalty"]._open_many(
                self.program_id, list(earnings)
            )
        }
        earned = [
            (accounts[customer], *entry)
            for customer, entries in earnings.items()
            for entry in entries
            if entry.points
        ]
        if not earned:
            return 0, 0, 0
        ledger = self.env["loyalty.ledger"].sudo()
        orders, points = ledger._earn_batch(self._earned_sql(earned), now, history=True)
        taken = [row for row in earned if row[-1]]
        if taken:
            points -= ledger._reverse_batch(self._taken_sql(taken), now)
        expired = (
            self.env["loyalty.expiry"]
            .sudo()
            ._expire(now, list(accounts.values()), history=True)
        )
        return orders, points, expired[2]

    def _earned_sql(self, earned):
        """Rows for ``_earn_batch``; points are issued on the day of their order."""
        expiry = self.program_id._expiry
        rows = [
            (account, points, order, name, key, moment, expiry(moment))
            for account, order, name, key, moment, points, _back in earned
        ]
        return SQL(
            """
            SELECT loyalty_id, points::numeric, 'sale.order' AS source_type, source_id,
                   description, key, issued_at, expires_at
              FROM unnest(%s, %s, %s, %s, %s, %s::timestamp[], %s::timestamp[])
                   r (loyalty_id, points, source_id, description, key, issued_at,
                      expires_at)
            """,
            *map(list, zip(*rows, strict=True)),
        )

    def _taken_sql(self, taken):
        """Rows for ``_reverse_batch``."""
        rows = [
            (account, key, back, self.env._("%s taken back", name))
            for account, _order, name, key, _moment, _points, back in taken
        ]
        return SQL(
            "SELECT * FROM unnest(%s, %s, %s::numeric[], %s)"
            " r (loyalty_id, key, points, description)",
            *map(list, zip(*rows, strict=True)),
        )
