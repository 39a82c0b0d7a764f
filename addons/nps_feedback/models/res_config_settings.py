from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    nps_case_days = fields.Integer(related="company_id.nps_case_days", readonly=False)
    nps_case_user_id = fields.Many2one(
        related="company_id.nps_case_user_id", readonly=False
    )
    nps_target = fields.Float(related="lifecycle_policy_id.nps_target", readonly=False)
