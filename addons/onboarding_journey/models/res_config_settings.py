from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    onboarding_on_signup = fields.Boolean(
        related="company_id.onboarding_on_signup", readonly=False
    )
    onboarding_on_first_order = fields.Boolean(
        related="company_id.onboarding_on_first_order", readonly=False
    )
    onboarding_can_sign_up = fields.Boolean(compute="_compute_onboarding_can_sign_up")

    @api.depends("company_id")
    def _compute_onboarding_can_sign_up(self):
        """Whether visitors may open an account at all, as standard decides it."""
        users = self.env["res.users"]
        for settings in self:
            settings.onboarding_can_sign_up = (
                users._get_signup_invitation_scope() == "b2c"
            )
