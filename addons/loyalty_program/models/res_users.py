from odoo import api, fields, models

from ..tools.invitation import followed


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def signup(self, values, token=None):
        """Who signs up after an invitation came by it, whatever the way in."""
        result = super().signup(values, token)
        invitation = followed(self.env)
        if invitation:
            user = self.sudo().search([("login", "=", result[0])], limit=1)
            self.env["loyalty.referral"].sudo()._attribute(
                invitation, user.partner_id, fields.Datetime.now()
            )
        return result
