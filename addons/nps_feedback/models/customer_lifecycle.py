from odoo import api, fields, models

from ..const import CATEGORIES


class CustomerLifecycle(models.Model):
    _inherit = "customer.lifecycle"

    nps_score = fields.Integer(
        "NPS answer",
        readonly=True,
        aggregator="avg",
        help="The newest, 0 to 10; without a category there is none.",
    )
    nps_category = fields.Selection(
        CATEGORIES, "NPS category", readonly=True, index="btree_not_null"
    )
    nps_collected_at = fields.Datetime("NPS answered", readonly=True)
    csat_score = fields.Float(
        "Satisfaction",
        readonly=True,
        aggregator="avg",
        help="The mean of what the customer said, 1 to 5; 0 without a word.",
    )

    @api.model
    def _api_fields(self):
        return [
            *super()._api_fields(),
            "nps_score",
            "nps_category",
            "nps_collected_at",
            "csat_score",
        ]
