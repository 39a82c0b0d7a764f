from odoo import api, fields, models


class JourneyDefinitionMixin(models.AbstractModel):
    """What the steps of a journey can offer."""

    _inherit = "journey.definition.mixin"

    offer_id = fields.Many2one(
        "journey.offer",
        ondelete="restrict",
        help="What each customer gets once per pass: a personal single-use code, or "
        "points. Messages with the offer carry it.",
    )

    include_offer = fields.Boolean(
        compute="_compute_include_offer",
        store=True,
        readonly=False,
        help="Off: no step carries the offer, whatever the steps say.",
    )

    @api.depends("offer_id")
    def _compute_include_offer(self):
        for definition in self:
            definition.include_offer = bool(definition.offer_id)

    @api.constrains("offer_id", "company_id")
    def _check_offer(self):
        for definition in self:
            definition._check_same_company("offer_id")
