from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import DIGITS


class LoyaltyReview(models.TransientModel):
    """A manager says whether held points are credited, and why."""

    _name = "loyalty.review"
    _description = "Review Held Points"

    pending_ids = fields.Many2many("loyalty.pending", string="Held", required=True)
    points = fields.Float(digits=DIGITS, compute="_compute_points")
    reason = fields.Char("Your reason", required=True)

    @api.depends("pending_ids")
    def _compute_points(self):
        for wizard in self:
            wizard.points = sum(wizard.pending_ids.mapped("points"))

    def action_approve(self):
        """Credit the points; those whose time has not come wait for it."""
        return self._decide(approves=True)

    def action_reject(self):
        """Turn the points down."""
        return self._decide(approves=False)

    def _decide(self, approves):
        self.ensure_one()
        self.env["lifecycle.engine"]._check_manager()
        if not (self.reason or "").strip():
            raise ValidationError(self.env._("Your reason: must not be empty."))
        if not self.pending_ids:
            raise ValidationError(self.env._("Held: there is nothing to decide on."))
        self.pending_ids.check_access("read")
        self.pending_ids._decide(approves, self.reason.strip())
        return {"type": "ir.actions.client", "tag": "soft_reload"}
