import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import EVENTS
from ..tools.movement import Movement, Standing, rounded


class LoyaltyLedger(models.AbstractModel):
    """The only way into accounts: every change of a card's points becomes rows here.

    An account, its card, its lots and its transactions change in one transaction of
    the database, under one lock: none of them is ever ahead of the others.
    """

    _name = "loyalty.ledger"
    _description = "Loyalty Ledger"
    _inherit = [
        "loyalty.ledger.lots",
        "loyalty.ledger.sources",
        "loyalty.ledger.tiers",
        "loyalty.ledger.batch",
        "loyalty.ledger.reversal",
        "loyalty.ledger.limits",
        "loyalty.ledger.holds",
    ]

    # ------------------------------------------------------------------------ lock
    @api.model
    def _lock(self, condition):
        """Lock accounts until the end of the transaction.

        Waits for whoever has them: what he changed makes PostgreSQL refuse this
        transaction, which is then tried again from the start.

        :param SQL condition: on alias ``a`` (customer_loyalty)
        :return: {card id: Standing}
        """
        self.env["customer.loyalty"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, a.card_id, a.program_id, a.customer_id, a.company_id,
                       a.points_balance::float8, a.points_debt::float8,
                       a.points_lifetime::float8, a.current_tier,
                       p.commercial_partner_id
                  FROM customer_loyalty a JOIN res_partner p ON p.id = a.customer_id
                 WHERE %s ORDER BY a.id FOR NO KEY UPDATE OF a
                """,
                condition,
            )
        )
        return {row[1]: Standing(*row) for row in rows}

    # ------------------------------------------------------------------------ move
    @api.model
    def _move(self, standing, movements, now=None):
        """Post movements that this addon makes, and bring the card along.

        :param Standing standing: of an account that is locked
        :param list movements: tuples ``Movement``
        :param now: naive UTC datetime; the current time by default
        :return: ids of the transactions; None for one whose key was known already
        :raises ValidationError: it would take more points than there are
        """
        now = now or fields.Datetime.now()
        posted = [self._post(standing, movement, now) for movement in movements]
        if any(posted):
            card = self.env["loyalty.card"].sudo().browse(standing.card_id)
            card._write_posted(standing.balance)
        return posted

    @api.model
    def _follow(self, card, standing, before, source):
        """Explain in the ledger what became of a card's points.

        :param card: ``loyalty.card``, as it is now
        :param Standing standing: of its account, locked before the change
        :param float before: points of the card before the change
        :param Source source: that was told of it, or None
        """
        delta = rounded(card.points - before)
        now = fields.Datetime.now()
        for movement in self._explain(standing, delta, source):
            self._post(standing, movement, now)

    @api.model
    def _explain(self, standing, delta, source):
        """Return the movements that a change of a card's points consists of.

        What no source accounts for is an adjustment: the sum is right whoever wrote.
        """
        found = []
        if source is not None:
            explain = getattr(self, f"_explain_{source.event}")
            found = explain(source, standing, delta)
        rest = rounded(delta - sum(movement.points for movement in found))
        if rest:
            found.append(self._adjustment(source, rest))
        return found

    def _adjustment(self, source, points):
        is_known = source is not None and len(source.ids) == 1
        text = source.text if source is not None else ""
        return Movement(
            "adjust",
            points,
            source.model if is_known else "loyalty.card",
            source.ids[0] if is_known else None,
            text or self.env._("Balance changed by %s", self.env.user.name),
        )

    # ------------------------------------------------------------------------ post
    @api.model
    def _post(self, standing, movement, now):
        """Write one row of the ledger, and what it does to account and lots.

        :param Standing standing: of an account that is locked; kept up to date
        :param Movement movement: not of nothing
        :param datetime now: naive UTC
        :return: id of the transaction; None if its key was known already
        :raises ValidationError: it would redeem more points than there are, or than
            one day allows
        """
        if movement.kind == "redeem" and movement.points < 0:
            if -movement.points > standing.available:
                self._refuse(standing, -movement.points)
            if not self._is_paid(movement):
                self._check_redemption_cap(standing, -movement.points, now)
        former = standing.tier, standing.balance
        was = (standing.balance, standing.debt, standing.lifetime)
        in_lots, debt = standing.apply(movement)
        tier, missing = self._tier_of(standing, movement, now)
        rows = self.env.execute_query(
            self._post_query(standing, movement, former[1], in_lots, tier, missing, now)
        )
        if not rows:
            standing.balance, standing.debt, standing.lifetime = was
            return None
        transaction = rows[0][0]
        self.env["lifecycle.event"]._wake()
        self._move_lots(standing, movement, transaction, in_lots, debt, now)
        standing.tier = tier or standing.tier
        self.env["customer.loyalty"].browse(standing.id).invalidate_recordset()
        if standing.tier != former[0]:
            self._on_tier_changed(standing, former[0], transaction, now)
        self._requalify(standing, movement, now)
        return transaction

    def _refuse(self, standing, points):
        raise ValidationError(
            self.env._(
                "points: %(wanted)s are wanted, %(available)s are there.",
                wanted=points,
                available=standing.available,
            )
        )

    def _post_query(self, standing, movement, before, in_lots, tier, missing, now):
        """One statement: the row, a lot of its own, and the account's figures."""
        points = movement.points
        return SQL(
            """
            WITH tx AS (%(insert)s),
            lot AS (
                INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,
                    remaining, issued_at, expires_at)
                SELECT %(account)s, id, %(points)s, %(in_lots)s, %(now)s, %(expires)s
                  FROM tx WHERE %(makes_lot)s
                RETURNING id, transaction_id),
            repaid AS (
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT id, transaction_id, %(in_lots)s - %(points)s
                  FROM lot WHERE %(in_lots)s <> %(points)s),
            account AS (%(update)s),
            event AS (%(event)s)
            SELECT id FROM tx
            """,
            insert=self._insert_query(standing, movement, before, now),
            update=self._account_query(standing, movement, tier, missing, now),
            event=self._event_query(standing, movement, now),
            account=standing.id,
            points=points,
            in_lots=in_lots,
            makes_lot=points > 0 and not movement.undoes,
            now=now,
            expires=movement.expires_at,
        )

    def _event_query(self, standing, movement, now):
        """The row in the timeline of the customer."""
        kind = EVENTS[movement.kind, movement.points > 0]
        return SQL(
            """
            INSERT INTO lifecycle_event (customer_id, company_id, event_type,
                event_key, occurred_at, res_model, res_id, data, is_pending)
            SELECT %(customer)s, %(company)s, %(kind)s, %(kind)s || ':' || id, %(now)s,
                   'loyalty.transaction', id, %(data)s, TRUE
              FROM tx ON CONFLICT DO NOTHING
            """,
            customer=standing.member_id,
            company=standing.company_id or self.env.company.id,
            kind=kind,
            now=now,
            data=json.dumps({"points": movement.points, "tier": standing.tier}),
        )

    def _account_query(self, standing, movement, tier, missing, now):
        points, kind = movement.points, movement.kind
        return SQL(
            """
            UPDATE customer_loyalty
               SET points_balance = %(balance)s, points_debt = %(debt)s,
                   points_lifetime = %(lifetime)s,
                   points_redeemed = points_redeemed + %(redeemed)s,
                   points_expired = points_expired + %(expired)s,
                   tier_qualified_at = CASE
                       WHEN current_tier = coalesce(%(tier)s, current_tier)
                       THEN tier_qualified_at ELSE %(now)s END,
                   current_tier = coalesce(%(tier)s, current_tier),
                   next_tier_points = coalesce(%(missing)s, next_tier_points)
             WHERE id = %(account)s AND EXISTS (SELECT FROM tx)
            """,
            account=standing.id,
            balance=standing.balance,
            debt=standing.debt,
            lifetime=standing.lifetime,
            redeemed=-points if kind == "redeem" else 0,
            expired=-points if kind == "expire" else 0,
            tier=tier,
            missing=missing,
            now=now,
        )

    def _insert_query(self, standing, movement, before, now):
        columns = {
            "loyalty_id": standing.id,
            "program_id": standing.program_id,
            "company_id": standing.company_id,
            "transaction_type": movement.kind,
            "points": movement.points,
            "balance_before": before,
            "balance_after": standing.balance,
            "source_type": movement.source_type,
            "source_id": movement.source_id,
            "source_description": movement.description,
            "redemption_type": movement.redemption_type,
            "redemption_value": movement.redemption_value,
            "redemption_code": movement.redemption_code,
            "expires_at": movement.expires_at if movement.points > 0 else None,
            "created_at": now,
            "user_id": self.env.uid,
            "idempotency_key": movement.key,
        }
        return SQL(
            "INSERT INTO loyalty_transaction (%s) VALUES (%s)"
            " ON CONFLICT DO NOTHING RETURNING id",
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(columns.values()),
        )

    # ---------------------------------------------------------------------- sources
    @api.model
    def _net(self, standing, kind, source_type, ids):
        """Return {source id: (net points, ids of transactions)} of what was booked."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT source_id, sum(points)::float8, array_agg(id ORDER BY id)
                  FROM loyalty_transaction
                 WHERE source_type = %(type)s AND source_id = ANY(%(ids)s)
                   AND transaction_type = %(kind)s
                   AND loyalty_id IN (%(family)s)
                 GROUP BY 1
                """,
                type=source_type,
                ids=list(ids),
                kind=kind,
                family=self._family(SQL("%s", standing.id)),
            )
        )
        return {row[0]: (rounded(row[1]), tuple(row[2])) for row in rows}
