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
        :raises ValidationError: the program refuses, since they were spent, and there
            is still something to refuse; else they are owed
        """
        self._expire_first(standing, now)
        movement = self._revive(standing, movement, now)
        missing = max(rounded(-movement.points - standing.available), 0)
        program = self.env["loyalty.program"].sudo().browse(standing.program_id)
        is_late = self.env.context.get("loyalty_money_is_back")
        if missing and program.shortfall == "block" and not is_late:
            raise ValidationError(self._shortfall_text(movement, name, missing))
        is_cap = program.shortfall == "cap"
        never = self._never_had(standing, movement) if is_cap else 0
        (row,) = self._move(standing, [movement._replace(owed=True)], now)
        if row and is_cap:
            self._forgive(standing, movement, name, row, (missing, never), now)

    @api.model
    def _take_back_given(self, standing, movement, now):
        """Take back what was given unasked: nobody's refund or merge is refused for
        what was spent of it. It is owed where the program says so; else it stays.

        :param Standing standing: of an account that is locked
        :param Movement movement: below 0, and what it undoes
        :param datetime now: naive UTC
        """
        self._expire_first(standing, now)
        movement = self._revive(standing, movement, now)
        points = -movement.points
        program = self.env["loyalty.program"].sudo().browse(standing.program_id)
        if program.shortfall != "debt":
            points = min(points, standing.available)
        if points > 0:
            self._move(standing, [movement._replace(points=-points)], now)

    def _expire_first(self, standing, now):
        """Expire what is due of an account: it pays no debt, though the nightly job has
        not booked it yet.
        """
        account = self.env["customer.loyalty"].sudo().browse(standing.id)
        if account._expire_due(now):
            (fresh,) = self._lock(SQL("a.id = %s", standing.id)).values()
            standing.balance = fresh.balance

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
    def _forgive(self, standing, movement, name, row, amounts, now):
        """Forgive what was spent; and what was given another time without being had,
        which goes back to where it was taken from now.

        :param int row: id of the transaction that took points back
        :param tuple amounts: points that lack, and points that were never had
        """
        missing, never = amounts
        text = self.env._("%s: what was spent is not asked back", name)
        for points, undoes in ((missing, ()), (rounded(never - missing), (row,))):
            if points > 0:
                key = f"{row}:lots" if undoes else row
                forgiven = self._forgiveness(movement, points, text, key)
                self._move(standing, [forgiven._replace(undoes=undoes)], now)

    def _never_had(self, standing, movement):
        """Return how many of the points that a movement takes back were given another
        time without being had, since they had been forgiven: those go last.
        """
        left, most = self._forgiven(standing, movement)
        if most <= left:
            return 0
        (row,) = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(sum(points) - least(min(so_far), 0), 0)::float8
                  FROM (SELECT points, sum(points) OVER (ORDER BY id) AS so_far
                          FROM loyalty_transaction
                         WHERE loyalty_id IN (%s) AND transaction_type = %s
                           AND source_type = %s AND source_id = %s
                           AND redemption_code IS NOT DISTINCT FROM %s) t
                """,
                self._family(SQL("%s", standing.id)),
                movement.kind,
                movement.source_type,
                movement.source_id,
                movement.redemption_code,
            )
        )
        had = rounded(row[0] - (most - left))
        return max(rounded(-movement.points - had), 0)

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
