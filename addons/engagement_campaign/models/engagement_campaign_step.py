from odoo import fields, models


class EngagementCampaignStep(models.Model):
    _name = "engagement.campaign.step"
    _description = "Step of a Campaign"
    _inherit = ["journey.step.timeline"]

    definition_id = fields.Many2one(
        "engagement.campaign", "Campaign", required=True, ondelete="cascade", index=True
    )
