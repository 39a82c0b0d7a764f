from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from ..tools.movement import rounded, shared_out
from .customer_loyalty_moves import BY_HAND
from .loyalty_ledger_again import AGAIN


class Part(NamedTuple):
    """What an order was granted at once: when it was confirmed, or when it grew."""

    points: float
    # ``loyalty.pending`` that was not credited; empty for what was.
    pending: object


class SaleOrderParts(models.AbstractModel):
    """Parts in which an order was granted its points, and what stands of each.

    What an order grew by goes first when it shrinks, whether that was credited or is
    still held; of what is refunded, every part loses alike.
    """

    _name = "sale.order.parts"
    _description = "Parts of an Order's Points"

    def _loyalty_parts(self, account):
        """Return the parts since the order was confirmed last, the first first, as they
        were before refunds; also those that a person turned down, which are not
        credited another time.
        """
        self.env.flush_all()
        rows = self.env.execute_query(self._loyalty_parts_query(account))
        pending = self.env["loyalty.pending"].sudo()
        return [Part(points, pending.browse(number)) for points, number in rows]

    def _loyalty_parts_query(self, account):
        """Select (points, id of what pends or None); what pended before it was credited
        says how much that was before refunds.
        """
        return SQL(
            """
            WITH p AS (SELECT * FROM loyalty_pending WHERE %(mine)s),
                 t AS (SELECT * FROM loyalty_transaction WHERE %(mine)s)
            SELECT coalesce(p.gross, t.points)::float8,
                   CASE WHEN p.state <> 'done' THEN p.id END
              FROM p FULL JOIN t ON t.idempotency_key = p.idempotency_key
             WHERE t.id IS NOT NULL OR p.state <> 'done'
             ORDER BY coalesce(nullif(split_part(coalesce(
                 p.idempotency_key, t.idempotency_key), '+', 2), '')::numeric, 0)
            """,
            mine=SQL(
                "loyalty_id IN (%s) AND (idempotency_key = %s"
                " OR idempotency_key LIKE %s AND idempotency_key NOT LIKE %s)",
                self.env["loyalty.ledger"]._family(SQL("%s", account.id)),
                self._loyalty_key(),
                f"{self._loyalty_key()}+%",
                f"{self._loyalty_key()}{AGAIN}%",
            ),
        )

    def _loyalty_keep(self, account, standing, parts, share):
        """Bring what pends of some parts to what stands, and return what stands of
        those that were credited.

        :param account: ``customer.loyalty``, locked
        :param Standing standing: of it
        :param list parts: of the order, in that account
        :param float share: how much of the order was refunded, 0 to 1
        """
        due = (self.sudo().loyalty_basis or {}).get(str(account.program_id.id), {})
        due = due.get("due")
        kept = shared_out([part.points for part in parts], due, share)
        for part, points in zip(parts, kept, strict=True):
            part.pending._look_anew(standing, points)
            part.pending._keep(points)
        pairs = zip(parts, kept, strict=True)
        return sum(points for part, points in pairs if not part.pending)

    def _loyalty_keep_extra(self, account, share):
        """Return what stands of points that somebody gave for the order beyond what it
        earns: changes leave them alone, refunds take their share along.

        :param account: ``customer.loyalty``, locked
        :param float share: how much of the order was refunded, 0 to 1
        """
        mine = [
            ("loyalty_id", "in", account._with_merged().ids),
            ("source_type", "=", "sale.order"),
            ("source_id", "=", self.id),
            ("idempotency_key", "=like", f"{BY_HAND}{self._loyalty_key()}:%"),
        ]
        for pending in self.env["loyalty.pending"].sudo().search(mine):
            pending._keep(rounded(pending.gross * (1 - share)))
        rows = self.env["loyalty.transaction"].sudo().search(mine)
        return rounded(sum(rows.mapped("points")) * (1 - share))
