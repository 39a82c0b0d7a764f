from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.movement import Movement, rounded
from .loyalty_guarded_mixin import changes

# What stays as it is on a code that was bought with points.
FIXED_OF_CODES = {
    "active",
    "code",
    "expiration_date",
    "partner_id",
    "points",
    "program_id",
}


class LoyaltyCardRedemption(models.AbstractModel):
    """Codes that were bought with points: what of these comes back, and when."""

    _name = "loyalty.card.redemption"
    _description = "Codes bought with Points"

    # ------------------------------------------------------------------------- guard
    def _check_code_writable(self, vals, sources):
        """A code pays once, for whoever bought it, and it is its ledger that says
        whether it did; managers may give it another term.

        :param dict sources: {card id: Source that explains why points change, or None}
        """
        names = FIXED_OF_CODES.intersection(vals)
        if self.env.su:
            # Whoever writes, even the till: no code ever pays twice.
            names = names.intersection({"points"}) if vals.get("points", 0) > 1 else ()
        elif all(sources.values()):
            names -= {"points"}
        if not names:
            return
        for card in self.sudo().filtered("redemption_id"):
            for name in sorted(names):
                if changes(card, name, vals):
                    self._check_code_change(card, name)

    def _check_code_change(self, card, name):
        if name != "expiration_date" or card.points < 1 or not card.active:
            raise UserError(
                self.env._(
                    "%(name)s: %(code)s was bought with points, and pays once, for "
                    "the member who bought it. Points are given back by the refund "
                    "of what it paid for, or adjusted on the member's account.",
                    name=name,
                    code=card.code,
                )
            )
        self._check_adjusting()

    # ------------------------------------------------------------------------ return
    def _return_points(self, now):
        """Give back what a code was bought with and did not come back yet; the code is
        worth nothing then.
        """
        held = -self._net_cost()[0]
        if held > 0:
            text = self.env._("Code %s was not used", self.code)
            self._pay_back(held, text, f"code:{self.id}", now)
        self._use_up()

    def _use_up(self):
        """Codes whose points came back are worth nothing."""
        self.with_context(loyalty_no_mail=True).write({"points": 0, "active": False})

    def _return_settled(self, now):
        """Orders are cancelled that codes paid for: where a refund gave points back,
        the rest follows, and the code does not come back to life.
        """
        for card in self:
            if card._net_cost()[0] > card.redemption_id.points:
                card._return_points(now)

    def _settle_refund(self, share, sign, name):
        """Give back points with the refund of what the code paid for.

        :param float share: how much of the order was refunded, 0 to 1
        :param int sign: 1 to give, -1 to take again what was given too much
        :param str name: of the order
        """
        net, transactions = self._net_cost()
        points = rounded(self.redemption_id.points * (1 - share) - net)
        if points * sign <= 0:
            return
        text = self.env._("%s refunded", name)
        if points > 0:
            self._pay_back(points, text, None, fields.Datetime.now())
        else:
            ledger, now = self.env["loyalty.ledger"].sudo(), fields.Datetime.now()
            movement = self._code_movement(points, text, undoes=transactions)
            ledger._take_back(self._payer()._locked(), movement, name, now)

    def _net_cost(self):
        """Return (points, ids of transactions) of what the code cost, below 0."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sum(points)::float8, array_agg(id ORDER BY id)
                  FROM loyalty_transaction
                 WHERE redemption_code = %s AND transaction_type = 'redeem'
                   AND loyalty_id = ANY(%s)
                """,
                self.code,
                self._payer()._with_merged().ids,
            )
        )
        points, ids = rows[0]
        return rounded(points or 0), tuple(ids or ())

    def _payer(self):
        """Return the account that the code belongs to: after a merge another one."""
        former = self.redemption_id.loyalty_id
        return former.merged_into_id or former

    def _code_movement(self, points, text, **values):
        bought = self.redemption_id
        return Movement(
            "redeem",
            points,
            bought.source_type,
            bought.source_id,
            text,
            redemption_type=bought.redemption_type,
            redemption_code=self.code,
            **values,
        )

    def _pay_back(self, points, text, key, now):
        """Give points back, with the expiry that they had."""
        undoes = self._net_cost()[1]
        movement = self._code_movement(points, text, key=key, undoes=undoes)
        self._payer()._move(movement, now=now)
