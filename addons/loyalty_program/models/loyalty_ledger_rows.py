import json
from contextlib import suppress
from functools import cache

from odoo import api, models
from odoo.exceptions import MissingError

from ..const import EVENTS
from ..tools.movement import Standing

# Without the commercial partner: a join takes longer to plan than the rest to run.
LOCK = """
    SELECT a.id, a.card_id, a.program_id, a.customer_id, a.company_id,
           a.points_balance::float8, a.points_debt::float8,
           a.points_lifetime::float8, a.current_tier
      FROM customer_loyalty a
"""
LOCK_CARDS = f"{LOCK} WHERE a.card_id = ANY(%s) ORDER BY a.id FOR NO KEY UPDATE"
LOCK_MEMBER = f"""
    {LOCK} WHERE a.program_id = %s AND a.customer_id = %s AND a.active
    FOR NO KEY UPDATE
"""
# What a posting writes: names of common table expressions, and each one's statement.
PARTS = {
    "tx": """
        INSERT INTO loyalty_transaction (
            loyalty_id, program_id, company_id, transaction_type, points,
            balance_before, balance_after, source_type, source_id, source_description,
            redemption_type, redemption_value, redemption_code, expires_at, created_at,
            user_id, idempotency_key)
        VALUES (%(account)s, %(program)s, %(company)s, %(kind)s, %(points)s,
            %(former)s, %(balance)s, %(origin)s, %(origin_id)s, %(reason)s,
            %(reward)s, %(worth)s, %(voucher)s, %(expires_at)s, %(now)s,
            %(author)s, %(key)s)
        ON CONFLICT DO NOTHING RETURNING id
    """,
    "lot": """
        INSERT INTO loyalty_point_lot (
            loyalty_id, transaction_id, points, remaining, issued_at, expires_at)
        SELECT %(account)s, tx.id, %(points)s, %(in_lots)s, %(issued_at)s,
               %(expires_at)s
          FROM tx RETURNING id
    """,
    "repaid": """
        INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
        SELECT lot.id, tx.id, %(in_lots)s - %(points)s FROM tx, lot
    """,
    "figures": """
        UPDATE customer_loyalty a
           SET points_balance = %(balance)s, points_debt = %(debt)s,
               points_lifetime = %(lifetime)s,
               points_redeemed = a.points_redeemed - %(redeemed)s,
               points_expired = a.points_expired - %(expired)s,
               tier_qualified_at = CASE
                   WHEN a.current_tier = coalesce(%(tier)s, a.current_tier)
                   THEN a.tier_qualified_at ELSE %(now)s END,
               current_tier = coalesce(%(tier)s, a.current_tier),
               next_tier_points = coalesce(%(missing)s, a.next_tier_points)
          FROM tx WHERE a.id = %(account)s
    """,
    "news": """
        INSERT INTO lifecycle_event (customer_id, company_id, event_type, event_key,
            occurred_at, res_model, res_id, data, is_pending)
        SELECT %(member)s, %(shop)s, %(event)s, %(event)s || ':' || tx.id, %(now)s,
               'loyalty.transaction', tx.id, %(details)s, TRUE
          FROM tx ON CONFLICT DO NOTHING
    """,
}


@cache
def _posting(*left_out):
    """Return the statement that posts a movement.

    One statement: a checkout pays for each round trip, and for planning each, since
    Odoo gives out every connection with its plans discarded; functions of the database
    would not keep theirs.

    :param left_out: names of ``PARTS`` that the movement does without
    """
    parts = [
        f"{name} AS ({query})" for name, query in PARTS.items() if name not in left_out
    ]
    found = ", ".join(parts)
    return f"WITH {found} SELECT tx.id, lifecycle_wake(%(dispatcher)s) FROM tx"


class LoyaltyLedgerRows(models.AbstractModel):
    """What an order's points read and write in the database."""

    _name = "loyalty.ledger.rows"
    _description = "Loyalty Ledger: rows"

    @api.model
    def _lock_cards(self, ids):
        """Lock the accounts of cards until the end of the transaction.

        :param list ids: of ``loyalty.card``
        :return: {card id: Standing}
        """
        rows = self._locked(LOCK_CARDS, [list(ids)])
        return {standing.card_id: standing for standing in rows}

    @api.model
    def _lock_member(self, program, customer):
        """Lock the account that a contact has in a program.

        :param int program: id of ``loyalty.program``
        :param int customer: id of ``res.partner``
        :return: Standing, or None
        """
        rows = self._locked(LOCK_MEMBER, [program, customer])
        return rows[0] if rows else None

    def _locked(self, query, values):
        self.env["customer.loyalty"].flush_model()
        self.env.cr.execute(query, values)
        return [Standing(*row) for row in self.env.cr.fetchall()]

    @api.model
    def _write_row(self, standing, movement, former, in_lots, tier, missing, now):
        """Write a movement with all that it does, and let the timeline's readers know.

        :param Standing standing: of an account that is locked, after the movement
        :param Movement movement: what moves
        :param float former: balance before it
        :param float in_lots: points of it that lie in its lot
        :param str tier: code that it leads to; None leaves what is there
        :param float missing: points to the next one; None leaves what is there
        :param datetime now: naive UTC
        :return: id of the transaction; None if its key was known already
        """
        retry = self.env["lifecycle.event.retry"]
        values = {
            **self._transaction_values(standing, movement),
            **self._figures_values(standing, movement),
            **self._event_values(standing, movement),
            "former": former,
            "in_lots": in_lots,
            "issued_at": movement.issued_at or now,
            "tier": tier,
            "missing": missing,
            "now": now,
            "dispatcher": retry._dispatcher(),
        }
        left_out = []
        if movement.points <= 0 or movement.undoes:
            left_out = ["lot", "repaid"]
        elif in_lots == movement.points:
            left_out = ["repaid"]
        self.env.cr.execute(_posting(*left_out), values)
        rows = self.env.cr.fetchall()
        if not rows:
            return None
        retry._notify_workers()
        return rows[0][0]

    def _transaction_values(self, standing, movement):
        return {
            "account": standing.id,
            "program": standing.program_id,
            "company": standing.company_id,
            "kind": movement.kind,
            "points": movement.points,
            "balance": standing.balance,
            "origin": movement.source_type,
            "origin_id": movement.source_id,
            "reason": movement.description,
            "reward": movement.redemption_type,
            "worth": movement.redemption_value,
            "voucher": movement.redemption_code,
            "expires_at": movement.expires_at if movement.points > 0 else None,
            "author": self.env.uid,
            "key": movement.key,
        }

    def _figures_values(self, standing, movement):
        return {
            "debt": standing.debt,
            "lifetime": standing.lifetime,
            "redeemed": movement.points if movement.kind == "redeem" else 0,
            "expired": movement.points if movement.kind == "expire" else 0,
        }

    def _event_values(self, standing, movement):
        customer = self.env["res.partner"].sudo().browse(standing.customer_id)
        return {
            "member": standing.member_id or customer.commercial_partner_id.id,
            "shop": standing.company_id or self._company_of(movement),
            "event": EVENTS[movement.kind, movement.points > 0],
            "details": json.dumps({"points": movement.points, "tier": standing.tier}),
        }

    def _company_of(self, movement):
        """Return the company (id) of what moves points in a program that companies
        share: an order's own, whoever confirms it.
        """
        source = self.env.get(movement.source_type)
        company = self.env.company
        if source is not None and movement.source_id and "company_id" in source._fields:
            record = source.sudo().browse(movement.source_id)
            # An order at a checkout is at hand: it is not asked for before it is read.
            with suppress(MissingError):
                company = record.company_id or company
        return company.id
