from odoo import fields, models

from ..tools.movement import rounded
from .loyalty_ledger_again import AGAIN

# Neither turned down nor taken back.
GRANTED = ("waiting", "done")


class SaleOrderAgain(models.AbstractModel):
    """Points that an order had, lost since it was lowered, and is to have again.

    They are looked at anew: what is more than a day allows is held for review, as what
    is earned for the first time.
    """

    _name = "sale.order.again"
    _description = "Points that come back to an Order"

    def _loyalty_admit(self, account, standing, parts, earned, kept):
        """Return how much of what was credited stands: what is to stand, or no more
        than there is while the rest is held.

        :param account: ``customer.loyalty``, locked
        :param Standing standing: of it
        :param list parts: of the order, in that account
        :param float earned: what stands of them now
        :param float kept: what is to stand
        """
        noted = self._loyalty_noted(account)
        rows = noted.filtered(lambda row: AGAIN in row.idempotency_key)
        refused = rows.filtered(lambda row: row.state == "rejected")
        credited = sum(part.points for part in parts if not part.pending)
        kept = min(kept, max(credited - sum(refused.mapped("points")), 0))
        more = max(rounded(kept - earned), 0)
        held = rows.filtered(lambda row: row.state == "held")
        approved = noted.filtered(lambda row: row.decided_at and row.state in GRANTED)
        if more > sum(approved.mapped("points")) and not held:
            held = self._loyalty_hold_again(account, standing, rows, more)
        held._keep(more)
        return earned if more and held else kept

    def _loyalty_hold_again(self, account, standing, rows, points):
        """Hold points that exceed what a day allows; return the ``loyalty.pending``,
        empty where they may come back.
        """
        now = fields.Datetime.now()
        key = f"{self._loyalty_key()}{AGAIN}{len(rows) + 1}"
        movement = self._loyalty_earning(account.program_id, points, key, now)
        reason = (
            self.env["loyalty.ledger"].sudo()._again_reasons(standing, movement, now)
        )
        if not reason:
            return rows.browse()
        former = rows.filtered(lambda row: row.state == "cancelled")[:1]
        if former:
            former.reason = reason
            return former
        rows._note(standing, movement, now, "held", reason, now)
        return self._loyalty_noted(account).filtered(
            lambda row: row.idempotency_key == key
        )

    def _loyalty_noted(self, account):
        """Return what was held or let pend of the order since it was confirmed last,
        whatever became of it.
        """
        key = self._loyalty_key()
        domain = [
            ("loyalty_id", "in", account._with_merged().ids),
            "|",
            ("idempotency_key", "=", key),
            ("idempotency_key", "=like", f"{key}+%"),
        ]
        return self.env["loyalty.pending"].sudo().search(domain)
