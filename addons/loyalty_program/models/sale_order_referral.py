from odoo import fields, models

from ..tools.invitation import Invitation, followed


class SaleOrderReferral(models.AbstractModel):
    """The first order of a friend tells by whose invitation the friend came."""

    _name = "sale.order.referral"
    _description = "Invitation of an Order"
    _inherit = ["sale.order.loyalty"]

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
        if self.referral_code and not self.partner_id.is_public:
            now = fields.Datetime.now()
            self.env["loyalty.referral"].sudo()._attribute(
                Invitation(self.referral_code, self.invited_at or now),
                self.partner_id,
                now,
                self,
            )
        return super()._loyalty_confirmed()
