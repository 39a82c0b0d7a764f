from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    onboarding_on_signup = fields.Boolean(
        "Onboarding begins at sign-up",
        help="Whoever opens an account on the website begins the journey for customers "
        "like that.",
    )
    onboarding_on_first_order = fields.Boolean(
        "Onboarding begins at a guest's first order",
        help="Whoever orders without an account begins at the first order.",
    )
