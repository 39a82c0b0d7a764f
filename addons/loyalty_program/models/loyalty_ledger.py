from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.movement import Movement, Standing, rounded


class LoyaltyLedger(models.AbstractModel):
    """The only way into accounts: every change of a card's points becomes rows here.

    An account, its card, its lots and its transactions change in one transaction of
    the database, under one lock: none of them is ever ahead of the others.
    """

    _name = "loyalty.ledger"
    _description = "Loyalty Ledger"
    _inherit = [
        "loyalty.ledger.rows",
        "loyalty.ledger.lots",
        "loyalty.ledger.sources",
        "loyalty.ledger.tiers",
        "loyalty.ledger.batch",
        "loyalty.ledger.reversal",
        "loyalty.ledger.codes",
        "loyalty.ledger.shortfall",
        "loyalty.ledger.revival",
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
        if standing.balance != rounded(card.points):
            card._write_posted(standing.balance)

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
            found.append(self._adjustment(source, rest, standing))
        return found

    def _adjustment(self, source, points, standing):
        is_known = source is not None and len(source.ids) == 1
        text = source.text if source is not None else ""
        program = self.env["loyalty.program"].sudo().browse(standing.program_id)
        return Movement(
            "adjust",
            points,
            source.model if is_known else "loyalty.card",
            source.ids[0] if is_known else None,
            text or self.env._("Balance changed by %s", self.env.user.name),
            expires_at=program._expiry(fields.Datetime.now()) if points > 0 else None,
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
        if movement.kind == "redeem" and movement.points < 0 and not movement.owed:
            if -movement.points > standing.available:
                self._refuse(standing, -movement.points)
            if not self._is_paid(movement):
                self._check_redemption_cap(standing, -movement.points, now)
        former = standing.tier, standing.balance
        was = (standing.balance, standing.debt, standing.lifetime)
        in_lots, debt = standing.apply(movement)
        tier, missing = self._tier_of(standing, movement, now)
        transaction = self._write_row(
            standing, movement, former[1], in_lots, tier, missing, now
        )
        if not transaction:
            standing.balance, standing.debt, standing.lifetime = was
            return None
        self._move_lots(standing, movement, transaction, in_lots, debt, now)
        standing.tier = tier or standing.tier
        account = self.env["customer.loyalty"].browse(standing.id)
        account.invalidate_recordset(account._posted_fields(), flush=False)
        if standing.tier != former[0]:
            self._on_tier_changed(standing, former[0], transaction, now)
        self._requalify(standing, movement, now)
        self._unforgive(standing, movement, transaction, now)
        return transaction

    def _refuse(self, standing, points):
        raise ValidationError(
            self.env._(
                "points: %(wanted)s are wanted, %(available)s are there.",
                wanted=points,
                available=standing.available,
            )
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
