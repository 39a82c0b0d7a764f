from odoo import fields, models


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    journey_company_id = fields.Many2one(
        "res.company",
        "Tracks a journey of",
        readonly=True,
        help="Set on the mailings that count opens and clicks of a journey's step.",
    )

    def _contact_company(self):
        """A journey speaks in the name of its company."""
        return self.journey_company_id or super()._contact_company()
