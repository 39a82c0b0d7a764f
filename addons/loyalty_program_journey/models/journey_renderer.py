from odoo import api, models

from odoo.addons.customer_lifecycle.tools.json_view import whole


class JourneyRenderer(models.AbstractModel):
    """Texts may name ``offer_points``: what the message's offer credited."""

    _inherit = "journey.renderer"

    @api.model
    def _contexts(self, step, items):
        contexts = super()._contexts(step, items)
        for item in items:
            contexts[item.run_id]["offer_points"] = whole(item.gift)
        return contexts

    @api.model
    def _roots(self, step):
        return {**super()._roots(step), "offer_points": 0}
