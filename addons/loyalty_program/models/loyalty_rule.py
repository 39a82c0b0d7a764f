from odoo import api, fields, models

from ..const import APART
from ..tools.inputs import check_values, named_errors


class LoyaltyRule(models.Model):
    _inherit = "loyalty.rule"

    is_engine_rule = fields.Boolean(
        readonly=True,
        help="Stands for the purchase rule of the program's JSON.",
        prefetch=APART,
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_values(self, vals)
        with named_errors(self):
            return super().create(vals_list)

    def write(self, vals):
        check_values(self, vals)
        with named_errors(self):
            return super().write(vals)
