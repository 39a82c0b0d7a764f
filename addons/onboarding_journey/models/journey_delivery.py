from odoo import api, models


class JourneyDelivery(models.Model):
    _inherit = "journey.delivery"

    @api.model
    def _reason_labels(self):
        """Why steps were left out, beside the reasons of messages."""
        return {
            **super()._reason_labels(),
            "purchased": self.env._("Not needed after the purchase"),
            "passed": self.env._("Added when its time had passed"),
        }
