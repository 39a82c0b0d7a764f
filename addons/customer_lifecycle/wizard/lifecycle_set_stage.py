from odoo import api, fields, models

from ..const import STAGES


class LifecycleSetStage(models.TransientModel):
    _name = "lifecycle.set.stage"
    _description = "Set a Customer's Stage by Hand"

    lifecycle_id = fields.Many2one("customer.lifecycle", required=True, readonly=True)
    stage = fields.Selection(STAGES, required=True)
    note = fields.Char("Why", help="Kept in the customer's history.")
    until = fields.Date("Holds until", compute="_compute_until")

    @api.depends("lifecycle_id")
    def _compute_until(self):
        now = fields.Datetime.now()
        for wizard in self:
            wizard.until = wizard.lifecycle_id._pin_end(now)

    def action_apply(self):
        """Pin the stage until the day shown, or until the next order."""
        self.ensure_one()
        details = {"note": self.note} if self.note else {}
        self.lifecycle_id.update_stage(self.stage, "manual", details)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
