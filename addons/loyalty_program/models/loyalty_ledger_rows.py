import json

from odoo import api, models
from odoo.tools import SQL

from ..const import EVENTS
from ..tools.movement import Standing

ARGUMENTS = {
    "account": "int",
    "program": "int",
    "company": "int",
    "kind": "varchar",
    "amount": "numeric",
    "former": "numeric",
    "balance": "numeric",
    "origin": "varchar",
    "origin_id": "int",
    "reason": "varchar",
    "reward": "varchar",
    "worth": "numeric",
    "voucher": "varchar",
    "expiry": "timestamp",
    "moment": "timestamp",
    "author": "int",
    "key": "varchar",
    "in_lots": "numeric",
    "makes_lot": "boolean",
    "debt": "numeric",
    "lifetime": "numeric",
    "tier": "varchar",
    "missing": "numeric",
    "member": "int",
    "shop": "int",
    "news": "varchar",
    "details": "jsonb",
    "dispatcher": "int",
}
POST = f"SELECT loyalty_post({', '.join(['%s'] * len(ARGUMENTS))})"
# Function: (arguments, condition on alias ``a``, customer_loyalty).
LOCKS = {
    "loyalty_lock_cards": (SQL("cards int[]"), SQL("a.card_id = ANY(cards)")),
    "loyalty_lock_member": (
        SQL("club int, who int"),
        SQL("a.program_id = club AND a.customer_id = who AND a.active"),
    ),
}


class LoyaltyLedgerRows(models.AbstractModel):
    """What an order's points write: functions of the database, which plan once.

    A checkout pays for each round trip and for each plan; posting is both in one.
    """

    _name = "loyalty.ledger.rows"
    _description = "Loyalty Ledger: rows"

    def init(self):
        for name, (arguments, condition) in LOCKS.items():
            self.env.cr.execute(self._lock_function(name, arguments, condition))
        self.env.cr.execute(self._post_function())
        return super().init()

    def _lock_function(self, name, arguments, condition):
        return SQL(
            """
            CREATE OR REPLACE FUNCTION %s(%s)
            RETURNS TABLE (account int, card int, program int, customer int,
                           company int, balance float8, debt float8, lifetime float8,
                           tier varchar, member int)
            LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
            BEGIN
                RETURN QUERY
                SELECT a.id, a.card_id, a.program_id, a.customer_id, a.company_id,
                       a.points_balance::float8, a.points_debt::float8,
                       a.points_lifetime::float8, a.current_tier,
                       p.commercial_partner_id
                  FROM customer_loyalty a JOIN res_partner p ON p.id = a.customer_id
                 WHERE %s ORDER BY a.id FOR NO KEY UPDATE OF a;
            END $$
            """,
            SQL.identifier(name),
            arguments,
            condition,
        )

    def _post_function(self):
        """The row, a lot of its own, the account's figures, the timeline."""
        arguments = SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(kind))
            for name, kind in ARGUMENTS.items()
        )
        return SQL(
            """
            CREATE OR REPLACE FUNCTION loyalty_post(%s) RETURNS int
            LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
            DECLARE
                tx int;
                lot int;
            BEGIN
                INSERT INTO loyalty_transaction (
                    loyalty_id, program_id, company_id, transaction_type, points,
                    balance_before, balance_after, source_type, source_id,
                    source_description, redemption_type, redemption_value,
                    redemption_code, expires_at, created_at, user_id, idempotency_key)
                VALUES (account, program, company, kind, amount, former, balance,
                    origin, origin_id, reason, reward, worth, voucher,
                    CASE WHEN amount > 0 THEN expiry END, moment, author, key)
                ON CONFLICT DO NOTHING RETURNING id INTO tx;
                IF tx IS NULL THEN
                    RETURN NULL;
                END IF;
                %s
                PERFORM lifecycle_wake(dispatcher);
                RETURN tx;
            END $$
            """,
            arguments,
            self._post_figures(),
        )

    def _post_figures(self):
        return SQL(
            """
            IF makes_lot THEN
                INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,
                    remaining, issued_at, expires_at)
                VALUES (account, tx, amount, in_lots, moment, expiry)
                RETURNING id INTO lot;
                IF in_lots <> amount THEN
                    INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                    VALUES (lot, tx, in_lots - amount);
                END IF;
            END IF;
            UPDATE customer_loyalty a
               SET points_balance = balance, points_debt = debt,
                   points_lifetime = lifetime,
                   points_redeemed = a.points_redeemed
                       - CASE kind WHEN 'redeem' THEN amount ELSE 0 END,
                   points_expired = a.points_expired
                       - CASE kind WHEN 'expire' THEN amount ELSE 0 END,
                   tier_qualified_at = CASE
                       WHEN a.current_tier = coalesce(tier, a.current_tier)
                       THEN a.tier_qualified_at ELSE moment END,
                   current_tier = coalesce(tier, a.current_tier),
                   next_tier_points = coalesce(missing, a.next_tier_points)
             WHERE a.id = account;
            INSERT INTO lifecycle_event (customer_id, company_id, event_type,
                event_key, occurred_at, res_model, res_id, data, is_pending)
            VALUES (member, shop, news, news || ':' || tx, moment,
                'loyalty.transaction', tx, details, TRUE)
            ON CONFLICT DO NOTHING;
            """
        )

    @api.model
    def _lock_cards(self, ids):
        """Lock the accounts of cards until the end of the transaction.

        :param list ids: of ``loyalty.card``
        :return: {card id: Standing}
        """
        rows = self._locked("SELECT * FROM loyalty_lock_cards(%s)", [list(ids)])
        return {standing.card_id: standing for standing in rows}

    @api.model
    def _lock_member(self, program, customer):
        """Lock the account that a contact has in a program.

        :param int program: id of ``loyalty.program``
        :param int customer: id of ``res.partner``
        :return: Standing, or None
        """
        values = [program, customer]
        rows = self._locked("SELECT * FROM loyalty_lock_member(%s, %s)", values)
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
        values = (
            *self._transaction_values(standing, movement, former, now),
            in_lots,
            movement.points > 0 and not movement.undoes,
            standing.debt,
            standing.lifetime,
            tier,
            missing,
            *self._event_values(standing, movement),
            retry._dispatcher(),
        )
        self.env.cr.execute(POST, values)
        transaction = self.env.cr.fetchone()[0]
        if transaction:
            retry._notify_workers()
        return transaction

    def _transaction_values(self, standing, movement, former, now):
        return (
            standing.id,
            standing.program_id,
            standing.company_id,
            movement.kind,
            movement.points,
            former,
            standing.balance,
            movement.source_type,
            movement.source_id,
            movement.description,
            movement.redemption_type,
            movement.redemption_value,
            movement.redemption_code,
            movement.expires_at,
            now,
            self.env.uid,
            movement.key,
        )

    def _event_values(self, standing, movement):
        return (
            standing.member_id,
            standing.company_id or self.env.company.id,
            EVENTS[movement.kind, movement.points > 0],
            json.dumps({"points": movement.points, "tier": standing.tier}),
        )
