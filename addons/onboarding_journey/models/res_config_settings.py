from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    onboarding_on_signup = fields.Boolean(
        related="company_id.onboarding_on_signup", readonly=False
    )
    onboarding_on_first_order = fields.Boolean(
        related="company_id.onboarding_on_first_order", readonly=False
    )
