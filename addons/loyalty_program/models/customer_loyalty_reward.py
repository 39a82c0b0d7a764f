from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock
from odoo.addons.sale_loyalty_personal.tools.codes import random_code

from ..tools.movement import Movement, rounded

AT_ONCE = 500
# Days that a code waits for money which is on its way; some of it never comes.
PATIENCE = 30


class CustomerLoyaltyReward(models.AbstractModel):
    """Points become a personal code, and come back if nobody uses it in time."""

    _name = "customer.loyalty.reward"
    _description = "Rewards of a Loyalty Account"

    def _redeem_reward(self, reward, key=None):
        """Turn points into a code.

        :param reward: ``loyalty.reward`` of the account's program
        :param str key: asked for again with the same key, the same code is returned
        :return: dict with code, points, reward, expires (ISO date or False), balance
        :raises ValidationError: switched off, not for this tier, or not affordable
        """
        self.ensure_one()
        self._check_reward(reward)
        self._expire_due(fields.Datetime.now())
        standing = self._locked()
        known = self._code_of(key)
        if known:
            return self._redemption(known, reward)
        ledger = self.env["loyalty.ledger"].sudo()
        if reward.required_points > standing.available:
            ledger._refuse(standing, reward.required_points)
        code = random_code()
        movement = Movement(
            "redeem",
            -reward.required_points,
            "loyalty.reward",
            reward.id,
            reward.description,
            redemption_type="product" if reward.reward_type == "product" else "code",
            redemption_value=reward._code_worth(),
            redemption_code=code,
            key=key,
        )
        (paid,) = ledger._move(standing, [movement])
        if not paid:
            # The key is known, but no code was bought with it: there is none for free.
            raise ValidationError(self.env._("This was asked for before."))
        card = self._create_code(reward, code, paid)
        self._tell_redemption(reward, card)
        return self._redemption(card, reward)

    def _code_of(self, key):
        """Return the card of a redemption that was asked for before, or none."""
        cards = self.env["loyalty.card"].sudo().with_context(active_test=False)
        if not key:
            return cards
        return cards.search(
            [
                ("redemption_id.loyalty_id", "in", self._with_merged().ids),
                ("redemption_id.idempotency_key", "=", key),
            ],
            limit=1,
        )

    def _redemption(self, card, reward):
        return {
            "code": card.code,
            "points": reward.required_points,
            "reward": reward.description,
            "expires": fields.Date.to_string(card.expiration_date) or False,
            "balance": self.points_balance,
        }

    def _check_reward(self, reward):
        """Raise ValidationError unless the account may redeem the reward."""
        program = self.program_id
        if reward.program_id != program or not program._runs():
            raise ValidationError(
                self.env._("reward_id: %s cannot be redeemed now.", reward.description)
            )
        if not reward._is_for(self.current_tier):
            raise ValidationError(
                self.env._("reward_id: %s is for higher tiers.", reward.description)
            )

    def _create_code(self, reward, code, paid):
        """Return a card that pays the reward once, for this customer alone.

        :param str code: of the card
        :param int paid: id of the transaction that it was bought with
        """
        days = self.program_id.code_validity_days
        company = self.company_id or self.env.company
        today = Clock(fields.Datetime.now()).today(company)
        cards = self.env["loyalty.card"].sudo()
        cards = cards.with_context(loyalty_no_mail=True, tracking_disable=True)
        return cards.create(
            {
                "program_id": reward._code_program().id,
                "partner_id": self.customer_id.id,
                "points": 1,
                "code": code,
                "redemption_id": paid,
                "expiration_date": today + timedelta(days=days) if days else False,
            }
        )

    def _give_back(self, order, share, sign):
        """Give back the points that a refunded part of an order had cost.

        :param order: ``sale.order``
        :param float share: how much of it was refunded, 0 to 1
        :param int sign: 1 to give, -1 to take again what was given too much
        """
        standing = self._locked()
        ledger = self.env["loyalty.ledger"].sudo()
        booked = ledger._net(standing, "redeem", "sale.order", order.ids)
        spent, transactions = booked.get(order.id, (0, ()))
        lines = order.order_line.filtered(
            lambda line: line.coupon_id.id == standing.card_id
        )
        cost = sum(lines.mapped("points_cost"))
        points = rounded(-cost * (1 - share) - spent)
        if points * sign <= 0:
            return
        text = self.env._("%s refunded", order.name)
        movement = Movement(
            "redeem", points, "sale.order", order.id, text, undoes=transactions
        )
        if sign > 0:
            ledger._move(standing, [movement])
        else:
            ledger._take_back(standing, movement, order.name, fields.Datetime.now())

    def _tell_redemption(self, reward, card):
        now = fields.Datetime.now()
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": self.customer_id.commercial_partner_id.id,
                    "company_id": (self.company_id or self.env.company).id,
                    "event_type": "reward_redeemed",
                    "event_key": f"reward_redeemed:{card.id}",
                    "occurred_at": now,
                    "res_model": "loyalty.card",
                    "res_id": card.id,
                    "data": {
                        "reward": reward.description,
                        "points": reward.required_points,
                    },
                }
            ]
        )

    # ------------------------------------------------------------------ unused codes
    @api.model
    def _cron_return_codes(self):
        """Give back the points of codes that nobody used, a batch at a time."""
        engine = self.env["lifecycle.engine"]
        commit = self.env["ir.cron"]._commit_progress
        while done := engine._insist(
            lambda: self._return_codes(fields.Datetime.now(), AT_ONCE)
        ):
            if not commit(done):
                return

    @api.model
    def _return_codes(self, now, limit):
        """Give back the points of codes whose time is over, the ordinary ones at once;
        return how many. Those of orders whose payment is on its way wait for it.

        :param datetime now: naive UTC
        :param int limit: codes
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id FROM loyalty_card c
                 WHERE c.redemption_id IS NOT NULL AND c.active AND c.points >= 1
                   AND c.expiration_date < %(day)s
                   AND (c.expiration_date < %(last)s OR c.id NOT IN (%(awaited)s))
                 ORDER BY c.id LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
                """,
                day=now.date() - timedelta(days=1),
                last=now.date() - timedelta(days=PATIENCE),
                awaited=self._awaited_query(),
                limit=limit,
            )
        )
        cards = self.env["loyalty.card"].sudo().browse([row[0] for row in rows])
        plain = self.env["loyalty.ledger"].sudo()._return_batch(cards, now)
        for card in cards - plain:
            card._return_points(now)
        return len(cards)

    def _awaited_query(self):
        """Select the cards that pay a part of orders whose money came, or is about to:
        standard asks whether a code was valid when the payment began.
        """
        return SQL(
            """
            SELECT l.coupon_id FROM sale_order_line l
              JOIN sale_order o ON o.id = l.order_id AND o.state IN ('draft', 'sent')
              JOIN sale_order_transaction_rel r ON r.sale_order_id = o.id
              JOIN payment_transaction t ON t.id = r.transaction_id
               AND t.state IN ('pending', 'authorized', 'done')
             WHERE l.coupon_id IS NOT NULL
            """
        )
