from odoo import fields, models


class WinbackCampaignStep(models.Model):
    _name = "winback.campaign.step"
    _description = "Step of a Win-back Campaign"
    _inherit = ["journey.step.timeline"]

    definition_id = fields.Many2one(
        "winback.campaign", "Campaign", required=True, ondelete="cascade", index=True
    )
