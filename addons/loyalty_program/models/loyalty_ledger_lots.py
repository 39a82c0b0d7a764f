import logging

from odoo import api, models
from odoo.tools import SQL

from ..tools.movement import rounded

_logger = logging.getLogger(__name__)


class LoyaltyLedgerLots(models.AbstractModel):
    """Which points go out, and which come back: the oldest first, the last back first.

    A cumulative sum is enough for one statement; ``remaining`` is kept with each lot
    since lots do not expire in the order in which they came in.
    """

    _name = "loyalty.ledger.lots"
    _description = "Loyalty Ledger: lots"

    @api.model
    def _move_lots(self, standing, movement, transaction, in_lots, debt, now):
        """Move the lots of an account after a row was written.

        :param float in_lots: points that go into or out of lots
        :param float debt: change of the debt
        """
        if movement.points < 0:
            if in_lots:
                self._take(standing, transaction, in_lots, movement.undoes)
        elif movement.undoes:
            self._give_back(standing, movement, transaction, now)
            if debt:
                self._take(standing, transaction, -debt)

    @api.model
    def _take(self, standing, transaction, points, first=()):
        """Take points out of an account's lots, the oldest first.

        :param tuple first: ids of transactions whose own lots are taken from first
        """
        taken = self.env.execute_query(
            SQL(
                """
                WITH q AS (
                    SELECT id, remaining, sum(remaining) OVER w - remaining AS before
                      FROM loyalty_point_lot
                     WHERE loyalty_id = %(account)s AND remaining > 0
                    WINDOW w AS (ORDER BY transaction_id = ANY(%(first)s) DESC,
                                 issued_at, id)),
                t AS (
                    SELECT id, least(remaining, %(points)s - before) AS points
                      FROM q WHERE before < %(points)s),
                u AS (
                    UPDATE loyalty_point_lot l SET remaining = l.remaining - t.points
                      FROM t WHERE l.id = t.id)
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT id, %(transaction)s, -points FROM t RETURNING -points::float8
                """,
                account=standing.id,
                first=list(first),
                points=points,
                transaction=transaction,
            )
        )
        missing = rounded(points - sum(row[0] for row in taken))
        if missing:
            # The nightly audit tells a manager.
            _logger.error("Account %s: lots lack %s points", standing.id, missing)

    @api.model
    def _give_back(self, standing, movement, transaction, now):
        """Put points back into the lots that they came from, with their old expiry;
        what did not come from a lot makes one.
        """
        given = self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    SELECT m.lot_id, -sum(m.points) AS points, max(m.id) AS last
                      FROM loyalty_lot_move m JOIN loyalty_point_lot l
                        ON l.id = m.lot_id AND l.loyalty_id = %(account)s
                     WHERE m.transaction_id = ANY(%(undoes)s)
                     GROUP BY m.lot_id HAVING sum(m.points) < 0),
                q AS (
                    SELECT *, sum(points) OVER w - points AS before
                      FROM gone WINDOW w AS (ORDER BY last DESC)),
                t AS (
                    SELECT lot_id, least(points, %(points)s - before) AS points
                      FROM q WHERE before < %(points)s),
                u AS (
                    UPDATE loyalty_point_lot l SET remaining = l.remaining + t.points
                      FROM t WHERE l.id = t.lot_id)
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT lot_id, %(transaction)s, points FROM t RETURNING points::float8
                """,
                account=standing.id,
                undoes=list(movement.undoes),
                points=movement.points,
                transaction=transaction,
            )
        )
        rest = rounded(movement.points - sum(row[0] for row in given))
        if rest:
            program = self.env["loyalty.program"].sudo().browse(standing.program_id)
            self.env.cr.execute(
                "INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,"
                " remaining, issued_at, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
                [standing.id, transaction, rest, rest, now, program._expiry(now)],
            )

    @api.model
    def _parts_of(self, transaction):
        """Return [(points, expiry)] of the lots that a transaction took from, those
        that expire first first.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sum(-m.points)::float8, l.expires_at
                  FROM loyalty_lot_move m JOIN loyalty_point_lot l ON l.id = m.lot_id
                 WHERE m.transaction_id = %s
                 GROUP BY 2 ORDER BY 2 NULLS LAST
                """,
                transaction,
            )
        )
        return [tuple(row) for row in rows]
