from odoo import api, models
from odoo.exceptions import AccessError, ValidationError

from ..tools.claim import is_claiming
from .loyalty_guarded_mixin import changes

# What a line says of the reward that points pay for.
CLAIM = ("coupon_id", "order_id", "points_cost", "reward_id", "reward_identifier_code")


class SaleOrderLineClaim(models.AbstractModel):
    """What rewards cost comes from the rewards: nobody types it into an order."""

    _name = "sale.order.line.claim"
    _description = "Claimed Rewards of an Order"

    def _is_claim(self):
        """Whether points pay for these lines, or a code bought with them."""
        self.ensure_one()
        return _is_paid_by_points(self.coupon_id, self.coupon_id.id)

    @api.constrains("points_cost", "coupon_id")
    def _check_points_cost(self):
        for line in self:
            if line.points_cost < 0 and line._is_claim():
                raise ValidationError(
                    self.env._(
                        "points_cost: %s is not allowed; allowed are numbers from 0.",
                        line.points_cost,
                    )
                )

    def _check_claims(self):
        """Raise AccessError for new lines with rewards that no order claimed."""
        if self.env.su or is_claiming():
            return
        for line in self.filtered("coupon_id"):
            if line._is_claim():
                self._refuse_claim("coupon_id")

    def _check_claims_kept(self, vals):
        """Raise AccessError where a user changes what a reward costs, or who pays.

        :param dict vals: as for ``write``
        """
        names = [name for name in CLAIM if name in vals]
        if self.env.su or is_claiming() or not names:
            return
        is_ours = _is_paid_by_points(self.env["loyalty.card"], vals.get("coupon_id"))
        for line in self.filtered(lambda line: is_ours or line._is_claim()):
            for name in names:
                if changes(line.sudo(), name, vals):
                    self._refuse_claim(name)

    def _refuse_claim(self, name):
        raise AccessError(
            self.env._(
                "%s: rewards are claimed on the order; what they cost, and who pays "
                "for them, is not changed by hand.",
                name,
            )
        )


def _is_paid_by_points(cards, number):
    """Whether a card, by its id, has an account, or is a code that was bought."""
    card = cards.browse(number or ()).sudo()
    return bool(card.program_id.accounts_since or card.redemption_id)
