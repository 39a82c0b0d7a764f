from odoo import models


class EngagementGoal(models.AbstractModel):
    """What counts as the success of an enrolment."""

    _name = "engagement.goal"
    _description = "Goal of a Campaign"
    _inherit = ["journey.goal"]

    def _is_rescue(self):
        """Whether reaching the goal recovers what was as good as lost."""
        return self.campaign_type == "rescue"
