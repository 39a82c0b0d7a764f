from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    quiet_hours_start = fields.Float(
        related="company_id.quiet_hours_start", readonly=False
    )
    quiet_hours_end = fields.Float(related="company_id.quiet_hours_end", readonly=False)
    quiet_on_monday = fields.Boolean(
        related="company_id.quiet_on_monday", readonly=False
    )
    quiet_on_tuesday = fields.Boolean(
        related="company_id.quiet_on_tuesday", readonly=False
    )
    quiet_on_wednesday = fields.Boolean(
        related="company_id.quiet_on_wednesday", readonly=False
    )
    quiet_on_thursday = fields.Boolean(
        related="company_id.quiet_on_thursday", readonly=False
    )
    quiet_on_friday = fields.Boolean(
        related="company_id.quiet_on_friday", readonly=False
    )
    quiet_on_saturday = fields.Boolean(
        related="company_id.quiet_on_saturday", readonly=False
    )
    quiet_on_sunday = fields.Boolean(
        related="company_id.quiet_on_sunday", readonly=False
    )
    contact_hold_hours = fields.Integer(
        related="company_id.contact_hold_hours", readonly=False
    )
    email_consent_default = fields.Selection(
        related="company_id.email_consent_default", readonly=False
    )
    email_double_opt_in = fields.Boolean(
        related="company_id.email_double_opt_in", readonly=False
    )
