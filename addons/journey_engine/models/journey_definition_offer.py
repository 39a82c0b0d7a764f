from odoo import fields, models


class JourneyDefinitionMixin(models.AbstractModel):
    """What the steps of a journey can offer."""

    _inherit = "journey.definition.mixin"

    offer_id = fields.Many2one(
        "journey.offer",
        ondelete="restrict",
        help="Steps with the offer carry a personal single-use code of it.",
    )
