from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # Renewals are found by their subscription.
    order_subscription_id = fields.Many2one(index="btree_not_null")
