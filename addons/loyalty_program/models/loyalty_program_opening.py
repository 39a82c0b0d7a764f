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
        for query in (
            self._gather_query(),
            self._opening_query(now),
            self._opening_lots_query(now),
        ):
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

    def _gather_query(self):
        """Surplus cards of a customer are emptied into the one with the account."""
        return SQL(
            """
            WITH surplus AS (
                SELECT c.id, a.card_id, c.points FROM loyalty_card c
                  JOIN customer_loyalty a ON a.program_id = c.program_id
                   AND a.customer_id = c.partner_id AND a.active
                 WHERE c.program_id = %(program)s AND c.active AND c.id <> a.card_id),
            emptied AS (
                UPDATE loyalty_card c SET points = 0, active = FALSE
                  FROM surplus s WHERE c.id = s.id)
            UPDATE loyalty_card c SET points = c.points + s.points
              FROM (SELECT card_id, sum(points) AS points FROM surplus GROUP BY 1) s
             WHERE c.id = s.card_id
            """,
            program=self.id,
        )

    def _opening_query(self, now):
        return SQL(
            """
            WITH opening AS (
                SELECT a.id, a.program_id, a.company_id, c.id AS card_id,
                       round(c.points::numeric, 2) AS points
                  FROM customer_loyalty a JOIN loyalty_card c ON c.id = a.card_id
                 WHERE a.program_id = %(program)s),
            cards AS (
                UPDATE loyalty_card c SET points = o.points FROM opening o
                 WHERE c.id = o.card_id AND c.points <> o.points),
            account AS (
                UPDATE customer_loyalty a SET points_balance = o.points,
                       points_debt = greatest(-o.points, 0)
                  FROM opening o WHERE a.id = o.id AND o.points <> 0)
            INSERT INTO loyalty_transaction (loyalty_id, program_id, company_id,
                transaction_type, points, balance_before, balance_after, source_type,
                source_id, source_description, expires_at, created_at, user_id,
                idempotency_key)
            SELECT id, program_id, company_id, 'adjust', points, 0, points,
                   'loyalty.card', card_id, %(text)s, %(expires)s, %(now)s, %(user)s,
                   'opening'
              FROM opening WHERE points <> 0
            """,
            program=self.id,
            text=self.env._("Opening balance"),
            expires=self._expiry(now),
            now=now,
            user=self.env.uid,
        )

    def _opening_lots_query(self, now):
        return SQL(
            """
            INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points,
                remaining, issued_at, expires_at)
            SELECT loyalty_id, id, points, points, created_at, expires_at
              FROM loyalty_transaction
             WHERE program_id = %s AND idempotency_key = 'opening' AND points > 0
            """,
            self.id,
        )
