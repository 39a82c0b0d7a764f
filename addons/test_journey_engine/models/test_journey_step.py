from odoo import fields, models


class TestJourneyStep(models.Model):
    _name = "test.journey.step"
    _description = "Step of a Test Journey"
    _inherit = ["journey.step.mixin"]

    definition_id = fields.Many2one(
        "test.journey", required=True, ondelete="cascade", index=True
    )
