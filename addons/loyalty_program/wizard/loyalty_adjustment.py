from odoo import api, fields, models

from ..const import DIGITS


class LoyaltyAdjustment(models.TransientModel):
    """Points given or taken by hand; the reason stands in the ledger."""

    _name = "loyalty.adjustment"
    _inherit = ["loyalty.checked.mixin"]
    _description = "Adjust Points"

    loyalty_id = fields.Many2one("customer.loyalty", "Account", required=True)
    points_balance = fields.Float("Balance", related="loyalty_id.points_balance")
    points = fields.Float(
        digits=DIGITS, required=True, help="Below zero to take points."
    )
    balance_after = fields.Float(
        "Balance afterwards", digits=DIGITS, compute="_compute_balance_after"
    )
    reason = fields.Char(
        required=True, help="The customer reads it among the transactions."
    )

    @api.depends("points", "loyalty_id.points_balance")
    def _compute_balance_after(self):
        for wizard in self:
            wizard.balance_after = wizard.points_balance + wizard.points

    def action_apply(self):
        """Write the adjustment into the ledger."""
        self.ensure_one()
        self.loyalty_id.adjust_points(self.points, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
