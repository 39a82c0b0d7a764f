from odoo import fields, models


class JourneyOffer(models.Model):
    _inherit = "journey.offer"

    offer_type = fields.Selection(
        selection_add=[("free_delivery", "Free delivery")],
        # A program without its offer keeps the codes that customers have.
        ondelete={"free_delivery": "cascade"},
    )

    def _reward_free_delivery(self):
        return {"reward_type": "shipping"}

    def _cost_free_delivery(self, now):
        """What codes cost so far; nothing is known before the first."""
        result = self._results()[self.program_id.id]
        return result.cost / result.orders if result.orders else 0.0
