from odoo import fields, models

from ..const import DIGITS


class LoyaltyLotMove(models.Model):
    """Which points of which lot a transaction took (below zero) or gave back."""

    _name = "loyalty.lot.move"
    _description = "Movement of a Lot"
    _inherit = ["lifecycle.append.only"]
    _order = "id desc"
    _rec_name = "lot_id"
    _log_access = False

    lot_id = fields.Many2one(
        "loyalty.point.lot", required=True, ondelete="restrict", index=True
    )
    transaction_id = fields.Many2one(
        "loyalty.transaction", required=True, ondelete="restrict", index=True
    )
    points = fields.Float(digits=DIGITS, required=True)
