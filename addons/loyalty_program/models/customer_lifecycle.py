from odoo import api, fields, models

from ..const import DIGITS, TIERS


class CustomerLifecycle(models.Model):
    _inherit = "customer.lifecycle"

    loyalty_tier = fields.Selection(
        TIERS,
        readonly=True,
        index="btree_not_null",
        help="The highest of its contacts; empty without an account.",
    )
    loyalty_points = fields.Float(digits=DIGITS, readonly=True)
    loyalty_points_lifetime = fields.Float(
        "Lifetime points", digits=DIGITS, readonly=True
    )

    @api.model
    def _api_fields(self):
        return [
            *super()._api_fields(),
            "loyalty_tier",
            "loyalty_points",
            "loyalty_points_lifetime",
        ]
