from odoo import api, fields, models


class NpsSurveyStep(models.Model):
    """The question, and its reminder."""

    _name = "nps.survey.step"
    _description = "Message of a Survey"
    _inherit = ["journey.step.mixin", "journey.step.message"]

    definition_id = fields.Many2one(
        "nps.survey", "Survey", required=True, ondelete="cascade", index=True
    )
    # Reach names the first message by it.
    headline = fields.Char("Headline", related="name")

    @api.model
    def _run_message(self, items, now):
        """Nobody is sent a link that is not valid any more."""
        runs = self.env["nps.invitation"].sudo()
        ids = [item.run_id for item in items]
        late = runs.search([("id", "in", ids), ("expires_at", "<=", now)]).ids
        for item in items:
            if item.run_id in late:
                item.skip("expired")
        in_time = [item for item in items if item.run_id not in late]
        return super()._run_message(in_time, now)

    def _differs(self, values):
        """Return whether the step says anything else than ``values``."""
        return any(
            self._fields[name].convert_to_write(self[name], self) != (value or False)
            and (self[name] or value)
            for name, value in values.items()
        )
