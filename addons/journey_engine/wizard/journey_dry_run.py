from odoo import api, fields, models


class JourneyDryRun(models.TransientModel):
    """Shows what would happen if a journey's audience entered now."""

    _name = "journey.dry.run"
    _description = "Dry Run"

    definition_model = fields.Char(required=True, readonly=True)
    definition_id = fields.Many2oneReference(
        "Journey", model_field="definition_model", required=True, readonly=True
    )
    name = fields.Char("Journey name", compute="_compute_name")
    days = fields.Integer("Days ahead", required=True, default=14)
    entering = fields.Integer("Would enter", readonly=True)
    control = fields.Integer("In the control group", readonly=True)
    sent = fields.Integer("Messages sent", compute="_compute_totals")
    held = fields.Integer("Held for a while", compute="_compute_totals")
    skipped = fields.Integer("Not sent", compute="_compute_totals")
    is_done = fields.Boolean(readonly=True)
    line_ids = fields.One2many("journey.dry.run.line", "dry_run_id", readonly=True)

    @api.depends("definition_model", "definition_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard._definition().display_name

    @api.depends("line_ids")
    def _compute_totals(self):
        for wizard in self:
            totals = dict.fromkeys(("sent", "held", "skipped"), 0)
            for line in wizard.line_ids:
                totals[line.kind] += line.customers
            wizard.update(totals)

    def _definition(self):
        self.ensure_one()
        return self.env[self.definition_model].browse(self.definition_id)

    def action_play(self):
        """Play the journey; nothing is written but the result.

        :raises AccessError: the user may not read the journey
        :raises ValidationError: days out of range
        """
        self.ensure_one()
        result = self._definition().dry_run(self.days)
        self.line_ids.unlink()
        self.write(
            {
                "is_done": True,
                "entering": result["entering"],
                "control": result["control"],
                "line_ids": [
                    fields.Command.create(self._prepare_line(row))
                    for row in result["days"]
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "current",
            "name": self.env._("Dry Run"),
        }

    def _prepare_line(self, row):
        outcome, _colon, reason = row["outcome"].partition(":")
        kind = {"send": "sent", "hold": "held"}.get(outcome, "skipped")
        code = reason if kind == "held" else outcome if kind == "skipped" else ""
        if kind == "skipped":
            code = row["outcome"]
        return {
            "day": row["day"],
            "step_code": row["step"],
            "kind": kind,
            "reason": code,
            "customers": row["count"],
        }

    def action_chart(self):
        """Show the days as a chart."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "journey.dry.run.line",
            "view_mode": "graph,pivot,list",
            "domain": [("dry_run_id", "=", self.id)],
            "name": self.env._("Dry Run of %s", self.name),
        }
