from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _deactivate_portal_user(self, **post):
        """Who closes the account is a customer who says goodbye."""
        now = fields.Datetime.now()
        closed = [
            {
                "customer_id": user.partner_id.commercial_partner_id.id,
                "company_id": user.company_id.id,
                "event_type": "account_closed",
                "event_key": f"account_closed:{user.id}",
                "occurred_at": now,
                "res_model": "res.partner",
                "res_id": user.partner_id.id,
            }
            for user in self.sudo()
        ]
        result = super()._deactivate_portal_user(**post)
        self.env["lifecycle.event"].sudo()._record(closed)
        return result
