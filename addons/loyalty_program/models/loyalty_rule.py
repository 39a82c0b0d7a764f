from odoo import fields, models

from ..const import APART


class LoyaltyRule(models.Model):
    _name = "loyalty.rule"
    _inherit = ["loyalty.checked.mixin", "loyalty.rule"]

    is_engine_rule = fields.Boolean(
        readonly=True,
        help="Stands for the purchase rule of the program's JSON.",
        prefetch=APART,
    )
