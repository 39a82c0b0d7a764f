from odoo import api, models


class JourneyDelivery(models.Model):
    _inherit = "journey.delivery"

    @api.model
    def _reason_labels(self):
        return {
            **super()._reason_labels(),
            "offer_no_member": self.env._("No member of the loyalty program"),
        }
