from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # Results of offers come from here; the standard field has no index.
    _offer_reward_idx = models.Index("(reward_id) WHERE reward_id IS NOT NULL")
