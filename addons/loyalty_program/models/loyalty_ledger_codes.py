from odoo import api, models
from odoo.tools import SQL


class LoyaltyLedgerCodes(models.AbstractModel):
    """Codes that nobody used, of many members at once."""

    _name = "loyalty.ledger.codes"
    _description = "Loyalty Ledger: many unused codes"

    @api.model
    def _return_batch(self, cards, now):
        """Give back what codes were bought with, set-based: into the lots that it came
        from, with their expiry. Tiers stay: points that come back earn none.

        Codes with a history of their own are left to ``_return_points``, and all those
        of the same member with them, whose rows then follow each other in one order.

        :param cards: ``loyalty.card`` of codes, locked, that are worth something
        :param datetime now: naive UTC
        :return: the cards whose points came back; they are worth nothing then
        """
        self.env.flush_all()
        rows = self.env.execute_query(self._plain_codes_query(cards))
        plain = cards.browse([number for (number,) in rows])
        if not plain:
            return plain
        self.env.cr.execute(self._codes_query(plain, now))
        found = self.env.cr.fetchall()
        for name in ("customer.loyalty", "loyalty.point.lot"):
            self.env[name].invalidate_model()
        self._show_on_cards(found)
        plain._use_up()
        self.env["lifecycle.event"]._wake()
        return plain

    def _show_on_cards(self, balances):
        """Bring members' cards to what the ledger has, one balance after the other:
        what standard tells of one that is reached is told of each.

        :param list balances: (id of a ``loyalty.card``, points)
        """
        cards = self.env["loyalty.card"].sudo()
        cards = cards.browse(dict.fromkeys(number for number, _points in balances))
        by_id = {card.id: card for card in cards}
        for number, points in balances:
            by_id[number]._write_posted(points)

    def _plain_codes_query(self, cards):
        """Select the codes of members of whom all are plain: bought by an account that
        was not merged since and owes nothing, out of its lots, and untouched since.
        """
        return SQL(
            """
            SELECT id FROM (
                SELECT c.id, bool_and((
                           a.merged_into_id IS NULL AND a.points_debt = 0
                           AND b.redemption_code = c.code
                           AND b.transaction_type = 'redeem'
                           AND b.points = (SELECT sum(m.points) FROM loyalty_lot_move m
                                            WHERE m.transaction_id = b.id)
                           AND NOT EXISTS (
                               SELECT FROM loyalty_transaction t
                                WHERE t.loyalty_id IN (%(family)s) AND t.id <> b.id
                                  AND (t.redemption_code = c.code
                                       OR t.idempotency_key = 'code:' || c.id))
                           ) IS TRUE)
                       OVER (PARTITION BY coalesce(a.merged_into_id, a.id)) AS is_plain
                  FROM loyalty_card c
                  JOIN loyalty_transaction b ON b.id = c.redemption_id
                  JOIN customer_loyalty a ON a.id = b.loyalty_id
                 WHERE c.id = ANY(%(cards)s)) q
             WHERE is_plain ORDER BY id
            """,
            family=self._family(SQL("a.id")),
            cards=cards.ids,
        )

    def _codes_query(self, cards, now):
        """Book what comes back; return (id of the member's card, balance) per code."""
        return SQL(
            """
            WITH %(rows)s,
            tx AS (
                INSERT INTO loyalty_transaction (loyalty_id, program_id, company_id,
                    transaction_type, points, balance_before, balance_after,
                    source_type, source_id, source_description, redemption_type,
                    redemption_code, created_at, user_id, idempotency_key)
                SELECT loyalty_id, program_id, company_id, 'redeem', points, former,
                       former + points, source_type, source_id, description,
                       redemption_type, code, %(now)s, %(user)s, key
                  FROM numbered ORDER BY loyalty_id, code_id
                RETURNING id, loyalty_id, idempotency_key, points, balance_after),
            %(totals)s,
            event AS (%(event)s)
            SELECT a.card_id, tx.balance_after::float8
              FROM tx JOIN account a ON a.id = tx.loyalty_id ORDER BY tx.id
            """,
            rows=self._codes_rows(cards),
            totals=self._codes_totals(),
            event=self._codes_events(now),
            now=now,
            user=self.env.uid,
        )

    def _codes_rows(self, cards):
        """The accounts, locked, and what each code brings, with the balance before."""
        texts = [self.env._("Code %s was not used", card.code) for card in cards]
        return SQL(
            """
            wanted AS MATERIALIZED (
                SELECT w.id AS code_id, 'code:' || w.id AS key, w.description, c.code,
                       b.id AS bought_id, b.loyalty_id, b.source_type, b.source_id,
                       b.redemption_type, -b.points AS points
                  FROM unnest(%s, %s) w (id, description)
                  JOIN loyalty_card c ON c.id = w.id
                  JOIN loyalty_transaction b ON b.id = c.redemption_id),
            account AS MATERIALIZED (
                SELECT a.id, a.card_id, a.program_id, a.company_id, a.points_balance,
                       a.current_tier, p.commercial_partner_id AS member_id
                  FROM customer_loyalty a JOIN res_partner p ON p.id = a.customer_id
                 WHERE a.id IN (SELECT loyalty_id FROM wanted)
                 ORDER BY a.id FOR NO KEY UPDATE OF a),
            numbered AS MATERIALIZED (
                SELECT w.*, a.program_id, a.company_id,
                       a.points_balance + sum(w.points) OVER v - w.points AS former
                  FROM wanted w JOIN account a ON a.id = w.loyalty_id
                WINDOW v AS (PARTITION BY w.loyalty_id ORDER BY w.code_id))
            """,
            cards.ids,
            texts,
        )

    def _codes_totals(self):
        """What lots, the last taken from first, and accounts have of it."""
        return SQL(
            """
            back AS MATERIALIZED (
                SELECT m.lot_id, tx.id AS transaction_id, -m.points AS points,
                       m.id AS place
                  FROM numbered n
                  JOIN tx ON tx.loyalty_id = n.loyalty_id AND tx.idempotency_key = n.key
                  JOIN loyalty_lot_move m ON m.transaction_id = n.bought_id),
            moves AS (
                INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
                SELECT lot_id, transaction_id, points FROM back
                 ORDER BY transaction_id, place DESC),
            lots AS (
                UPDATE loyalty_point_lot l SET remaining = l.remaining + s.points
                  FROM (SELECT lot_id, sum(points) AS points FROM back GROUP BY 1) s
                 WHERE l.id = s.lot_id),
            accounts AS (
                UPDATE customer_loyalty a
                   SET points_balance = a.points_balance + s.points,
                       points_redeemed = a.points_redeemed - s.points
                  FROM (SELECT loyalty_id, sum(points) AS points FROM tx GROUP BY 1) s
                 WHERE a.id = s.loyalty_id)
            """
        )

    def _codes_events(self, now):
        """One event per code, as one by one: each is news of its own."""
        return SQL(
            """
            INSERT INTO lifecycle_event (customer_id, company_id, event_type,
                event_key, occurred_at, res_model, res_id, data, is_pending)
            SELECT a.member_id, coalesce(a.company_id, %s), 'points_returned',
                   'points_returned:' || tx.id, %s, 'loyalty.transaction', tx.id,
                   jsonb_build_object('points', tx.points, 'tier', a.current_tier), TRUE
              FROM tx JOIN account a ON a.id = tx.loyalty_id
                ON CONFLICT DO NOTHING
            """,
            self.env.company.id,
            now,
        )
