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

        :param tuple first: ids of transactions whose own lots are taken from first, or
            after a merge those that expire as these do
        """
        taken = self.env.execute_query(
            SQL(
                """
                WITH q AS (
                    SELECT id, remaining, sum(remaining) OVER w - remaining AS before
                      FROM loyalty_point_lot
                     WHERE loyalty_id = %(account)s AND remaining > 0
                    WINDOW w AS (ORDER BY transaction_id = ANY(%(first)s) DESC,
                                 (expires_at IN (
                                    SELECT f.expires_at FROM loyalty_point_lot f
                                     WHERE f.transaction_id = ANY(%(first)s)
                                       AND f.loyalty_id <> %(account)s)) IS TRUE DESC,
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
                WITH %(gone)s,
                t AS (
                    SELECT lot_id, least(points, %(points)s - before) AS points
                      FROM q WHERE before < %(points)s),
                u AS (
                    UPDATE loyalty_point_lot l SET remaining = l.remaining + t.points
                      FROM t WHERE l.id = t.lot_id)
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT lot_id, %(transaction)s, points FROM t RETURNING points::float8
                """,
                gone=self._gone(self._own_lots(standing, movement), movement.undoes),
                points=movement.points,
                transaction=transaction,
            )
        )
        rest = rounded(movement.points - sum(row[0] for row in given))
        if rest:
            rest = self._give_heir(standing, transaction, rest, movement)
        if rest:
            program = self.env["loyalty.program"].sudo().browse(standing.program_id)
            self.env.cr.execute(
                "INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,"
                " remaining, issued_at, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
                [standing.id, transaction, rest, rest, now, program._expiry(now)],
            )

    def _own_lots(self, standing, movement):
        return self._among(movement, SQL("l.loyalty_id = %s", standing.id))

    def _among(self, movement, condition):
        """Condition on ``l``: one of the lots that a movement comes back to."""
        if not movement.lots:
            return condition
        mine = list(movement.lots)
        return SQL("%s AND l.transaction_id = ANY(%s)", condition, mine)

    def _give_heir(self, standing, transaction, points, movement):
        """Put points back that came from lots of accounts which were merged into this
        one, as lots of its own that are as old and expire alike.

        :return: points that came from no such lot, or were put back before
        """
        others = self._among(movement, SQL("l.loyalty_id <> %s", standing.id))
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(gone)s,
                back AS (
                    SELECT coalesce(sum(l.points), 0) AS points
                      FROM loyalty_point_lot l
                      JOIN loyalty_transaction o ON o.id = l.transaction_id
                     WHERE o.id = ANY(%(undoes)s)
                       AND NOT (o.transaction_type = 'earn'
                                AND o.idempotency_key IS NOT NULL)),
                t AS (
                    SELECT q.lot_id, least(q.before + q.points, b.points + %(points)s)
                           - greatest(q.before, b.points) AS points
                      FROM q CROSS JOIN back b)
                INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,
                    remaining, issued_at, expires_at)
                SELECT %(account)s, %(transaction)s, t.points, t.points, l.issued_at,
                       l.expires_at
                  FROM t JOIN loyalty_point_lot l ON l.id = t.lot_id
                 WHERE t.points > 0 RETURNING points::float8
                """,
                gone=self._gone(others, movement.undoes),
                account=standing.id,
                undoes=list(movement.undoes),
                points=points,
                transaction=transaction,
            )
        )
        return rounded(points - sum(row[0] for row in rows))

    def _gone(self, condition, undoes):
        """Tables ``gone`` and ``q``: what transactions took from lots and is not back,
        the last taken first, with what was taken later. What came back otherwise, as
        forgiven, say, has filled its lot already: no lot gets more than it had.

        :param SQL condition: on alias ``l`` (loyalty_point_lot)
        """
        return SQL(
            """
            gone AS (
                SELECT m.lot_id, max(m.id) AS last,
                       least(-sum(m.points), max(l.points - l.remaining)) AS points
                  FROM loyalty_lot_move m JOIN loyalty_point_lot l
                    ON l.id = m.lot_id AND %s AND l.remaining < l.points
                 WHERE m.transaction_id = ANY(%s)
                 GROUP BY m.lot_id HAVING sum(m.points) < 0),
            q AS (
                SELECT *, sum(points) OVER w - points AS before
                  FROM gone WINDOW w AS (ORDER BY last DESC))
            """,
            condition,
            list(undoes),
        )

    @api.model
    def _parts_of(self, transaction):
        """Return [(points, expiry, time of issue)] of the lots that a transaction took
        from, those that expire first first.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sum(-m.points)::float8, l.expires_at, l.issued_at
                  FROM loyalty_lot_move m JOIN loyalty_point_lot l ON l.id = m.lot_id
                 WHERE m.transaction_id = %s
                 GROUP BY 2, 3 ORDER BY 2 NULLS LAST, 3
                """,
                transaction,
            )
        )
        return [tuple(row) for row in rows]
