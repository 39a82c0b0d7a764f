from odoo import fields, models


class TestJourneyRun(models.Model):
    _name = "test.journey.run"
    _description = "Run of a Test Journey"
    _inherit = ["journey.run.mixin"]

    definition_id = fields.Many2one("test.journey", required=True, ondelete="cascade")
    step_id = fields.Many2one("test.journey.step", required=True, ondelete="restrict")
    # As models of runs note it that rescue customers.
    recovered_at = fields.Datetime()
