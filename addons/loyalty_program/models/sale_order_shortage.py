from odoo import fields, models


class SaleOrderShortage(models.AbstractModel):
    """Two carts claim the same points, and both are paid: the first one has them.

    The other cannot be confirmed. It stays as it is, paid, and whoever looks after it
    hears of it; the customer reads it on the order's page.
    """

    _name = "sale.order.shortage"
    _description = "Orders whose Points are gone"

    loyalty_short = fields.Boolean(
        "Points are gone",
        readonly=True,
        copy=False,
        help="The order was paid, and cannot be confirmed: another one used the points "
        "or the code of its rewards.",
    )

    def _loyalty_uncovered(self):
        """Return the cards and codes that cannot pay for the order's rewards."""
        cards = self.order_line.coupon_id
        cards.sudo().account_ids._expire_due(fields.Datetime.now())
        return cards.filtered(lambda card: self._get_real_points_for_coupon(card) < 0)

    def _loyalty_hold_short(self):
        """Keep an order back that is paid and lacks the points of its rewards, and tell
        of it once; return whether it is kept back.
        """
        self.ensure_one()
        if not self.order_line.coupon_id or not self._is_confirmation_amount_reached():
            return False
        cards = self._loyalty_uncovered()
        if not cards:
            return False
        if not self.loyalty_short:
            self.loyalty_short = True
            self._loyalty_tell_shortage(cards)
        return True

    def _loyalty_tell_shortage(self, cards):
        """Write a note, and plan an activity for whoever looks after the order."""
        user = self._loyalty_keeper()
        told = self.with_context(lang=user.lang)
        lines = told.order_line.filtered(lambda line: line.coupon_id in cards)
        text = told.env._(
            "%(order)s is paid and could not be confirmed: the points or the code of "
            "%(rewards)s were used by another order meanwhile. Take the reward off and "
            "have the difference paid, or give the money back.",
            order=told.name,
            rewards=", ".join(lines.reward_id.mapped("description")),
        )
        told.message_post(body=text)
        told.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=told.env._("Paid, but its points are gone"),
            note=text,
        )

    def _loyalty_keeper(self):
        """Return who looks after the order: the salesperson, or the team's leader."""
        return (
            self.user_id
            or self.team_id.user_id
            or self.create_uid.filtered(lambda user: user._is_internal())
            or self.env.ref("base.user_admin").sudo()
        )
