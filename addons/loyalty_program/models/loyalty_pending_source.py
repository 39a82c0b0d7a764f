from odoo import models


class LoyaltyPending(models.Model):
    """Views read where pending points come from, like those of transactions."""

    _name = "loyalty.pending"
    _inherit = ["loyalty.pending", "loyalty.sourced.mixin"]
