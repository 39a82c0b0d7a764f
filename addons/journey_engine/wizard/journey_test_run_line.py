from odoo import fields, models


class JourneyTestRunLine(models.TransientModel):
    _name = "journey.test.run.line"
    _description = "Step of a Test Run"

    test_run_id = fields.Many2one("journey.test.run", required=True, ondelete="cascade")
    step = fields.Char(required=True)
    hours = fields.Float("Hours after entry")
    subject = fields.Char()
    body = fields.Html(sanitize=True, sanitize_style=False)
    outcome = fields.Char("For this customer")
