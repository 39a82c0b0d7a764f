from odoo import models


class JourneyStepTimeline(models.AbstractModel):
    """A step that marketers see and edit in a timeline; its views are shared."""

    _name = "journey.step.timeline"
    _description = "Step in a Timeline"
    _inherit = ["journey.step.mixin", "journey.step.preview", "journey.step.message"]
