from odoo import fields, models


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    is_personal = fields.Boolean(
        "Personal codes",
        copy=False,
        help="A code works only for its customer: any contact of the same company.",
    )
