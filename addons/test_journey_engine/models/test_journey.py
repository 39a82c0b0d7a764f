from odoo import fields, models


class TestJourney(models.Model):
    """The shortest journey there is."""

    _name = "test.journey"
    _description = "Test Journey"
    _inherit = ["journey.definition.mixin"]

    _run_model = "test.journey.run"
    _step_model = "test.journey.step"

    step_ids = fields.One2many(
        "test.journey.step", "definition_id", domain=[("version_id", "=", False)]
    )
