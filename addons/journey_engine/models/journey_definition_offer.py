from odoo import api, fields, models
from odoo.exceptions import ValidationError


class JourneyDefinitionMixin(models.AbstractModel):
    """What the steps of a journey can offer."""

    _inherit = "journey.definition.mixin"

    offer_id = fields.Many2one(
        "journey.offer",
        ondelete="restrict",
        help="Steps with the offer carry a personal single-use code of it.",
    )

    @api.constrains("offer_id", "company_id")
    def _check_offer(self):
        for definition in self.filtered("offer_id"):
            if definition.offer_id.company_id != definition.company_id:
                raise ValidationError(
                    self.env._(
                        "offer_id: %s belongs to another company.",
                        definition.offer_id.name,
                    )
                )
