from odoo import api, models
from odoo.tools import SQL

from ..tools.movement import Movement, rounded


class LoyaltyLedgerRevival(models.AbstractModel):
    """Points that are taken back and have expired: they went already, and do not go a
    second time. They come back for a moment, and go with the rest.
    """

    _name = "loyalty.ledger.revival"
    _description = "Loyalty Ledger: expired points"

    @api.model
    def _revive(self, standing, movement, now):
        """Let come back what expired of the points that a movement takes: earned ones,
        or those of a refund.

        :param Standing standing: of an account that is locked
        :param Movement movement: below 0, and what it undoes
        :param datetime now: naive UTC
        :return: the Movement, which goes out of their lots first
        """
        if movement.kind not in ("earn", "redeem") or not movement.undoes:
            return movement
        expired, there, rows, lots = self._expired_of(standing, movement)
        points = min(rounded(-movement.points - there), rounded(expired))
        if points <= 0:
            return movement
        text = self.env._("Had expired: %s", movement.description)
        source = (movement.source_type, movement.source_id)
        back = Movement("expire", points, *source, text, undoes=tuple(rows))
        back = back._replace(lots=tuple(lots), redemption_code=movement.redemption_code)
        self._move(standing, [back], now)
        return movement._replace(undoes=(*movement.undoes, *lots))

    def _expired_of(self, standing, movement):
        """Return (points that expired of what a movement takes, points that are there,
        ids of the rows that say so, ids of those that made the lots).

        After a merge what came over, less what was taken of it there, lies in lots that
        expire as the former ones did.
        """
        (row,) = self.env.execute_query(self._expired_query(standing, movement))
        return row

    def _expired_query(self, standing, movement):
        return SQL(
            """
            WITH %(lots)s,
            gone AS (
                SELECT m.points, x.id, lot.is_heir FROM lot
                  JOIN loyalty_lot_move m ON m.lot_id = lot.id
                  JOIN loyalty_transaction x ON x.id = m.transaction_id
                   AND x.transaction_type = 'expire'),
            moved AS (
                SELECT greatest(sum(CASE WHEN lot.is_heir THEN m.points
                                    ELSE -m.points END), 0) AS points
                  FROM lot JOIN loyalty_lot_move m ON m.lot_id = lot.id
                  JOIN loyalty_transaction x ON x.id = m.transaction_id
                 WHERE CASE WHEN lot.is_heir THEN x.id = ANY(%(undoes)s)
                       ELSE x.transaction_type = 'transfer'
                            AND x.source_id IN (%(family)s) END),
            own AS (
                SELECT coalesce(-sum(points), 0) - (
                       SELECT coalesce(sum(points), 0) FROM lot WHERE is_back)
                       AS points FROM gone WHERE NOT is_heir),
            heir AS (
                SELECT coalesce(-sum(points), 0) AS points FROM gone WHERE is_heir),
            there AS (
                SELECT coalesce(sum(remaining) FILTER (WHERE NOT is_heir), 0) AS own,
                       coalesce(sum(remaining) FILTER (WHERE is_heir), 0) AS heir
                  FROM lot)
            SELECT (own.points + least(heir.points, moved.points))::float8,
                   (there.own + least(there.heir, moved.points))::float8,
                   ARRAY(SELECT id FROM gone UNION
                         SELECT transaction_id FROM lot WHERE is_back),
                   ARRAY(SELECT DISTINCT transaction_id FROM lot)
              FROM own, heir, moved, there
            """,
            lots=self._lots_query(standing, movement),
            undoes=list(movement.undoes),
            family=self._family(SQL("%s", standing.id)),
        )

    def _lots_query(self, standing, movement):
        """Table ``lot``: where the points that a movement takes were; ``is_heir`` those
        that came out of accounts which are one now, ``is_back`` those that came back
        there before.
        """
        given = SQL("transaction_id = ANY(%s)", list(movement.undoes))
        if movement.kind == "redeem":
            took = SQL("SELECT lot_id FROM loyalty_lot_move WHERE %s", given)
            given = SQL("%s OR id IN (%s)", given, took)
        return SQL(
            """
            mine AS (SELECT * FROM loyalty_point_lot WHERE %(given)s),
            lot AS (
                SELECT id, transaction_id, points, remaining, FALSE AS is_heir,
                       FALSE AS is_back FROM mine
                 UNION ALL
                SELECT l.id, t.id, l.points, l.remaining,
                       t.transaction_type = 'transfer', t.transaction_type = 'expire'
                  FROM loyalty_point_lot l
                  JOIN loyalty_transaction t ON t.id = l.transaction_id
                 WHERE l.loyalty_id IN (%(family)s)
                   AND l.id NOT IN (SELECT id FROM mine)
                   AND l.expires_at IN (SELECT expires_at FROM mine)
                   AND (t.transaction_type = 'transfer'
                       AND t.source_id IN (%(family)s)
                        OR t.transaction_type = 'expire'
                       AND l.expires_at IN (
                           SELECT expires_at FROM mine WHERE loyalty_id <> %(account)s)
                       AND t.source_type = %(source_type)s
                       AND t.source_id = %(source_id)s
                       AND t.redemption_code IS NOT DISTINCT FROM %(code)s))
            """,
            given=given,
            family=self._family(SQL("%s", standing.id)),
            account=standing.id,
            source_type=movement.source_type,
            source_id=movement.source_id,
            code=movement.redemption_code,
        )
