from odoo import fields, models


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

    def _differs(self, values):
        """Return whether the step says anything else than ``values``."""
        return any(
            self._fields[name].convert_to_write(self[name], self) != (value or False)
            and (self[name] or value)
            for name, value in values.items()
        )
