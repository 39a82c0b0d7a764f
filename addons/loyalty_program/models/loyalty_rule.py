from odoo import fields, models


class LoyaltyRule(models.Model):
    _inherit = "loyalty.rule"

    is_engine_rule = fields.Boolean(
        readonly=True, help="Stands for the purchase rule of the program's JSON."
    )
