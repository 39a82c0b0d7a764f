from odoo import fields, models

from ..tools.invitation import Invitation, followed
from .loyalty_guarded_mixin import changes


class SaleOrderReferral(models.AbstractModel):
    """The first order of a friend tells by whose invitation the friend came."""

    _name = "sale.order.referral"
    _description = "Invitation of an Order"
    _inherit = ["sale.order.loyalty", "loyalty.guarded.mixin"]

    referral_code = fields.Char(
        "Invitation code",
        copy=False,
        help="Code of the member who invited the customer to this first order.",
    )
    invited_at = fields.Datetime("Followed the invitation", readonly=True, copy=False)

    def _with_invitation(self, vals):
        invitation = followed(self.env)
        if not invitation or vals.get("referral_code"):
            return vals
        code, moment = invitation
        return {**vals, "referral_code": code, "invited_at": moment}

    def _check_not_changed(self, vals):
        """By whom a customer came is settled when the first order is confirmed."""
        super()._check_not_changed(vals)
        if self.env.su or "referral_code" not in vals:
            return
        confirmed = self.filtered(lambda order: order.state == "sale")
        if any(changes(order, "referral_code", vals) for order in confirmed):
            self._refuse_kept("referral_code")

    def _note_invitation(self):
        """Let orders remember the invitation that whoever sends this request followed.

        The payment that confirms the order may come from elsewhere.
        """
        for order in self.sudo().filtered(lambda order: not order.referral_code):
            values = order._with_invitation({})
            if values:
                order.write(values)

    def _loyalty_confirmed(self):
        """Note by whom the customer was invited, before anything is earned."""
        self._note_invitation()
        self._loyalty_attribute(fields.Datetime.now())
        return super()._loyalty_confirmed()

    def _loyalty_hand_over_invitation(self):
        """An invitation is that of whoever has the order it came with: where a
        confirmed order gets another customer, nobody is rewarded for the first.
        """
        self.env["loyalty.referral"].sudo()._leave(self, fields.Datetime.now())
        self._loyalty_attribute(self.date_order)

    def _loyalty_attribute(self, moment):
        """Note the invitation that the order came by.

        :param datetime moment: of the order, naive UTC
        """
        if self.referral_code and not self.partner_id.is_public:
            invitation = Invitation(self.referral_code, self.invited_at or moment)
            self.env["loyalty.referral"].sudo()._attribute(
                invitation, self.partner_id, fields.Datetime.now(), self, moment
            )
