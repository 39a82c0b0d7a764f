from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class LoyaltyProgramOpening(models.AbstractModel):
    """Turning accounts on: cards that are there open with one row each."""

    _name = "loyalty.program.opening"
    _description = "Opening of Accounts"

    def _open_accounts(self):
        """Open an account for every card with a customer, once; set-based.

        Balances open with one ``adjust`` row of today: history cannot rebuild lots.

        :raises ValidationError: the program's points are not its customers' own
        """
        for program in self.sudo().filtered(lambda p: not p.accounts_since):
            if not program.is_nominative or program.is_payment_program:
                raise ValidationError(
                    self.env._(
                        "is_active: %s cannot keep accounts; allowed are programs "
                        "whose points add up on loyalty cards.",
                        program.name,
                    )
                )
            program.accounts_since = fields.Datetime.now()
            program._ensure_tiers()
            program.env.flush_all()
            program._open_cards()
            program.env.invalidate_all()

    def action_open_backfill(self):
        """Open the crediting of orders from before the accounts."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Points for Past Orders"),
            "res_model": "loyalty.backfill",
            "view_mode": "form",
            "context": {"default_program_id": self.id},
        }

    def _open_cards(self):
        """Cards of one customer become one; each account opens with what is there."""
        now = self.accounts_since
        self.env.cr.execute(self._owners_query())
        cards = (
            self.env["loyalty.card"]
            .sudo()
            .browse([row[0] for row in self.env.cr.fetchall()])
        )
        if not cards:
            return
        self.env.cr.execute(cards._open_query(now))
        for query in (*self._follow_queries(), self._opening_query(now)):
            self.env.cr.execute(query)

    def _owners_query(self):
        return SQL(
            """
            SELECT c.id FROM loyalty_card c
              JOIN res_partner p ON p.id = c.partner_id AND p.active
             WHERE c.program_id = %s AND c.active
               AND NOT EXISTS (
                SELECT FROM res_users u JOIN res_groups_users_rel g ON g.uid = u.id
                 WHERE u.partner_id = p.id AND g.gid = %s)
             ORDER BY c.id
            """,
            self.id,
            self.env.ref("base.group_public").id,
        )

    def _follow_queries(self):
        """What orders know of a customer's surplus cards is the account's from now on:
        cancelled later, they give back and take back there.
        """
        surplus = SQL(
            """
            SELECT c.id, a.card_id FROM loyalty_card c
              JOIN customer_loyalty a ON a.program_id = c.program_id
               AND a.customer_id = c.partner_id AND a.active
             WHERE c.program_id = %s AND c.active AND c.id <> a.card_id
            """,
            self.id,
        )
        yield SQL(
            "UPDATE sale_order_line l SET coupon_id = s.card_id FROM (%s) s"
            " WHERE l.coupon_id = s.id",
            surplus,
        )
        yield SQL(
            """
            UPDATE sale_order_coupon_points p SET coupon_id = s.card_id FROM (%s) s
             WHERE p.coupon_id = s.id AND NOT EXISTS (
                SELECT FROM sale_order_coupon_points o JOIN loyalty_card c
                    ON c.id = o.coupon_id AND c.program_id = %s
                 WHERE o.order_id = p.order_id AND o.id <> p.id)
            """,
            surplus,
            self.id,
        )

    def _opening_query(self, now):
        """Each account opens with a row.

        Cards had a last day; now lots have it, and what is earned later has its own.
        """
        return SQL(
            """
            %(held)s, %(gathered)s,
            tx AS (
                INSERT INTO loyalty_transaction (loyalty_id, program_id, company_id,
                    transaction_type, points, balance_before, balance_after,
                    source_type, source_id, source_description, expires_at, created_at,
                    user_id, idempotency_key)
                SELECT id, program_id, company_id, 'adjust', points, 0, points,
                       'loyalty.card', card_id, %(text)s,
                       CASE WHEN dated < points THEN %(expires)s ELSE over_at END,
                       %(now)s, %(user)s, 'opening'
                  FROM opening WHERE points <> 0
                RETURNING id, loyalty_id)
            INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,
                remaining, issued_at, expires_at)
            SELECT o.id, tx.id, l.points, l.points, %(now)s, l.expires_at
              FROM tx JOIN opening o ON o.id = tx.loyalty_id
              CROSS JOIN LATERAL (VALUES
                (o.dated, o.over_at),
                (o.points - o.dated, %(expires)s::timestamp)) l (points, expires_at)
             WHERE l.points > 0
            """,
            held=self._held_query(),
            gathered=self._gather_parts(),
            text=self.env._("Opening balance"),
            expires=self._expiry(now),
            now=now,
            user=self.env.uid,
        )

    def _gather_parts(self):
        """Surplus cards of a customer are emptied into the one with the account."""
        return SQL(
            """
            surplus AS (
                UPDATE loyalty_card c SET points = 0, active = FALSE
                  FROM held h WHERE c.id = h.id AND c.id <> h.card_id),
            cards AS (
                UPDATE loyalty_card c SET points = o.points, expiration_date = NULL
                  FROM opening o
                 WHERE c.id = o.card_id
                   AND (c.points <> o.points OR c.expiration_date IS NOT NULL)),
            account AS (
                UPDATE customer_loyalty a SET points_balance = o.points,
                       points_debt = greatest(-o.points, 0)
                  FROM opening o WHERE a.id = o.id AND o.points <> 0)
            """
        )

    def _held_query(self):
        """What each card holds, and each account opens with: ``dated`` is the part of
        it that cards held up to a day.
        """
        return SQL(
            """
            WITH held AS MATERIALIZED (
                SELECT a.id AS loyalty_id, a.program_id, a.company_id, a.card_id, c.id,
                       c.points, CASE WHEN c.points > 0 THEN c.expiration_date END
                           AS last_day
                  FROM customer_loyalty a JOIN loyalty_card c
                    ON c.program_id = a.program_id AND c.partner_id = a.customer_id
                 WHERE a.program_id = %s AND a.active AND c.active),
            opening AS MATERIALIZED (
                SELECT loyalty_id AS id, program_id, company_id, card_id,
                       round(sum(points)::numeric, 2) AS points,
                       greatest(least(sum(points), coalesce(sum(points) FILTER (
                           WHERE last_day IS NOT NULL), 0)), 0)::numeric(16, 2)
                           AS dated,
                       (max(last_day) + 1)::timestamp AS over_at
                  FROM held GROUP BY 1, 2, 3, 4)
            """,
            self.id,
        )
