from odoo import fields, models

from ..const import DIGITS


class LoyaltyPointLot(models.Model):
    """Points that came in together: they expire together, and go out oldest first.

    Rows are written in SQL by the ledger alone.
    """

    _name = "loyalty.point.lot"
    _description = "Lot of Points"
    _order = "issued_at, id"
    _rec_name = "issued_at"
    _log_access = False

    loyalty_id = fields.Many2one(
        "customer.loyalty", "Account", required=True, ondelete="restrict", readonly=True
    )
    transaction_id = fields.Many2one(
        "loyalty.transaction", required=True, ondelete="restrict", readonly=True
    )
    points = fields.Float(digits=DIGITS, required=True, readonly=True)
    remaining = fields.Float(digits=DIGITS, required=True, readonly=True)
    issued_at = fields.Datetime(required=True, readonly=True)
    expires_at = fields.Datetime("Expires", readonly=True)

    _bounds = models.Constraint(
        "CHECK (remaining >= 0 AND remaining <= points)",
        "A lot holds no more than it began with, and no less than nothing.",
    )
    _transaction_idx = models.Index("(transaction_id)")
    _expiry_idx = models.Index("(expires_at) WHERE remaining > 0")
    _fifo_idx = models.Index("(loyalty_id, issued_at, id) WHERE remaining > 0")
