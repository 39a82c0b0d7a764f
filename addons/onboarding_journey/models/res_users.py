from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _record_portal_signups(self):
        """Who was a guest before has been a customer for long: an event of its own."""
        result = super()._record_portal_signups()
        portal = self.filtered(lambda u: u.active and u._is_portal())
        portal._record_onboarding_event("account_opened", "")
        return result

    @api.model
    def _update_last_login(self):
        """The first login of a day may be a milestone."""
        result = super()._update_last_login()
        if self.env.user._is_portal():
            day = fields.Date.today().isoformat()
            self.env.user._record_onboarding_event("app_login", f":{day}")
        return result

    def _record_onboarding_event(self, event_type, suffix):
        now = fields.Datetime.now()
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": user.partner_id.commercial_partner_id.id,
                    "company_id": (user.partner_id.company_id or user.company_id).id,
                    "event_type": event_type,
                    "event_key": f"{event_type}:{user.id}{suffix}",
                    "occurred_at": now,
                    "res_model": "res.partner",
                    "res_id": user.partner_id.id,
                }
                for user in self.sudo()
            ]
        )
