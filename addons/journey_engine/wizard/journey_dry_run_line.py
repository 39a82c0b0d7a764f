from odoo import api, fields, models


class JourneyDryRunLine(models.TransientModel):
    _name = "journey.dry.run.line"
    _description = "Day of a Dry Run"
    _order = "day, step_code, kind, reason"

    dry_run_id = fields.Many2one("journey.dry.run", required=True, ondelete="cascade")
    day = fields.Date(required=True)
    step_code = fields.Char("Step", required=True)
    step_name = fields.Char("Step name", compute="_compute_step_name")
    kind = fields.Selection(
        [("sent", "Sent"), ("held", "Held"), ("skipped", "Not sent")],
        "Outcome",
        required=True,
    )
    reason = fields.Char("Reason code")
    reason_label = fields.Char("Reason", compute="_compute_reason_label")
    customers = fields.Integer(required=True)

    @api.depends("step_code", "dry_run_id")
    def _compute_step_name(self):
        for line in self:
            steps = line.dry_run_id._definition().step_ids
            step = steps.filtered(lambda s, line=line: s.code == line.step_code)
            line.step_name = step.name or line.step_code

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_label(self):
        for line in self:
            delivery = self.env["journey.delivery"].new({"reason": line.reason})
            line.reason_label = delivery.reason_label
