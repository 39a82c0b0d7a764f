from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._record_portal_signups()
        return users

    def write(self, vals):
        result = super().write(vals)
        if "group_ids" in vals or vals.get("active"):
            self._record_portal_signups()
        return result

    def _record_portal_signups(self):
        """A portal login makes its partner a customer of the login's company."""
        for user in self.filtered(lambda u: u.active and u._is_portal()):
            company = user.partner_id.company_id or user.company_id
            user.partner_id._record_signups(company)
