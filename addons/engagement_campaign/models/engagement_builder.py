from odoo import models


class EngagementBuilder(models.AbstractModel):
    """What the campaign builder asks beyond the fields of its form."""

    _name = "engagement.builder"
    _description = "Campaign Builder"
    _inherit = ["journey.reach"]

    def action_statistics(self):
        """Show what the campaign brought about."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "engagement_campaign.engagement_statistics_action"
        )
        return {
            **action,
            "name": self.env._("Statistics"),
            "params": {"campaign": self.id},
        }
