from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.movement import Movement, rounded

# Before what a program did not ask back.
FORGIVEN = "forgiven"


class LoyaltyLedgerShortfall(models.AbstractModel):
    """Points that are taken back and are not there any more.

    What has expired is nobody's debt: it comes back for a moment and goes with the
    rest. What was spent is owed, is forgiven, or a reason to refuse, as the program
    says. What was forgiven is remembered: earned again, it is not given again.
    """

    _name = "loyalty.ledger.shortfall"
    _description = "Loyalty Ledger: points that lack"

    @api.model
    def _take_back(self, standing, movement, name, now):
        """Take back points that were given: earned ones, or those of a refund.

        :param Standing standing: of an account that is locked
        :param Movement movement: below 0, and what it undoes
        :param str name: of what is taken back, for people
        :param datetime now: naive UTC
        :raises ValidationError: the program refuses, since they were spent
        """
        self._revive(standing, movement, now)
        missing = max(rounded(-movement.points - standing.available), 0)
        program = self.env["loyalty.program"].sudo().browse(standing.program_id)
        if missing and program.shortfall == "block":
            raise ValidationError(self._shortfall_text(movement, name, missing))
        if program.shortfall == "cap":
            left, most = self._forgiven(standing, movement)
            # What was given again without being given is not taken either.
            missing = max(missing, min(-movement.points, rounded(most - left)))
        (row,) = self._move(standing, [movement._replace(owed=True)], now)
        if row and missing and program.shortfall == "cap":
            text = self.env._("%s: what was spent is not asked back", name)
            forgiven = self._forgiveness(movement, missing, text, row)
            self._move(standing, [forgiven], now)

    def _shortfall_text(self, movement, name, missing):
        if movement.kind == "redeem":
            return self.env._(
                "%(order)s cannot be changed: %(points)s of the points that its refund "
                "gave back have been spent.",
                order=name,
                points=missing,
            )
        return self.env._(
            "%(order)s cannot be taken back: %(points)s of the points that it earned "
            "have been spent.",
            order=name,
            points=missing,
        )

    # ----------------------------------------------------------------------- forgive
    def _forgiveness(self, movement, points, text, row, **values):
        key = f"{self._forgiven_key(movement)}{row}"
        source = (movement.source_type, movement.source_id)
        return Movement("adjust", points, *source, text, key, **values)

    def _forgiven_key(self, movement):
        if movement.redemption_code:
            return f"{FORGIVEN}:code:{movement.redemption_code}:"
        source = f"{movement.source_type}:{movement.source_id}"
        return f"{FORGIVEN}:{movement.kind}:{source}:"

    def _unforgive(self, standing, movement, transaction, now):
        """What was forgiven when it was taken back has been had: given again, it goes.

        :param Movement movement: as it was posted
        :param int transaction: id of its row
        """
        if not self._may_be_forgiven(movement):
            return
        left, _most = self._forgiven(standing, movement)
        points = min(left, movement.points)
        if points > 0:
            text = self.env._("Was not asked back before: %s", movement.description)
            undoes = (transaction, *movement.undoes)
            back = self._forgiveness(movement, -points, text, transaction)
            self._post(standing, back._replace(undoes=undoes), now)

    def _forgiven(self, standing, movement):
        """Return (points that are forgiven to the source of a movement, the most that
        ever were).
        """
        (row,) = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(sum(points), 0)::float8,
                       coalesce(max(so_far), 0)::float8
                  FROM (SELECT points, sum(points) OVER (ORDER BY id) AS so_far
                          FROM loyalty_transaction
                         WHERE loyalty_id IN (%s)
                           AND starts_with(idempotency_key, %s)) f
                """,
                self._family(SQL("%s", standing.id)),
                self._forgiven_key(movement),
            )
        )
        return rounded(row[0]), rounded(row[1])

    @api.model
    def _unforgive_batch(self, pending, now):
        """The same for points that pended; hardly any of them was forgiven before.

        :param list pending: ids of ``loyalty.pending`` that were credited
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.id, t.loyalty_id, t.points::float8, t.source_type, t.source_id,
                       t.source_description, t.idempotency_key
                  FROM loyalty_pending p JOIN loyalty_transaction t
                    ON t.loyalty_id = p.loyalty_id
                   AND t.idempotency_key = p.idempotency_key
                 WHERE p.id = ANY(%s) AND EXISTS (
                    SELECT FROM loyalty_transaction f
                     WHERE f.loyalty_id IN (%s) AND starts_with(f.idempotency_key,
                        concat_ws(':', %s::text, p.source_type, p.source_id, '')))
                 ORDER BY t.id
                """,
                pending,
                self._family(SQL("p.loyalty_id")),
                f"{FORGIVEN}:earn",
            )
        )
        for row, account, points, *source in rows:
            (standing,) = self._lock(SQL("a.id = %s", account)).values()
            self._unforgive(standing, Movement("earn", points, *source), row, now)
            card = self.env["loyalty.card"].sudo().browse(standing.card_id)
            card._write_posted(standing.balance)

    def _may_be_forgiven(self, movement):
        """Whether something may have been taken back before that a movement gives: of
        orders that are confirmed for the first time nothing was.
        """
        if movement.kind not in ("earn", "redeem") or movement.points <= 0:
            return False
        is_first = (movement.key or "").endswith(":1")
        is_of_order = movement.source_type == "sale.order"
        return bool(movement.undoes or (is_of_order and not is_first))

    # ------------------------------------------------------------------------ revive
    def _revive(self, standing, movement, now):
        """Let expired points of an earning come back that is taken back: they went
        already, and do not go a second time.
        """
        if movement.kind != "earn" or not movement.undoes:
            return
        expired, rows, there = self._expired_of(standing, movement.undoes)
        points = min(rounded(-movement.points - there), expired)
        if points > 0:
            text = self.env._("Had expired: %s", movement.description)
            source = (movement.source_type, movement.source_id)
            back = Movement("expire", points, *source, text, undoes=tuple(rows))
            self._move(standing, [back._replace(lots=movement.undoes)], now)

    def _expired_of(self, standing, transactions):
        """Return (points that expired, ids of the rows that say so, points that are
        there) of the lots that transactions made.
        """
        (row,) = self.env.execute_query(
            SQL(
                """
                WITH lot AS (
                    SELECT id, remaining FROM loyalty_point_lot
                     WHERE loyalty_id = %s AND transaction_id = ANY(%s)),
                gone AS (
                    SELECT m.points, t.id FROM loyalty_lot_move m
                      JOIN lot ON lot.id = m.lot_id
                      JOIN loyalty_transaction t ON t.id = m.transaction_id
                       AND t.transaction_type = 'expire')
                SELECT (SELECT coalesce(-sum(points), 0) FROM gone)::float8,
                       ARRAY(SELECT DISTINCT id FROM gone),
                       (SELECT coalesce(sum(remaining), 0) FROM lot)::float8
                """,
                standing.id,
                list(transactions),
            )
        )
        return rounded(row[0]), row[1], rounded(row[2])
