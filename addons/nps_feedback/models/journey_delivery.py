from odoo import api, models


class JourneyDelivery(models.Model):
    _inherit = "journey.delivery"

    @api.model
    def _reason_labels(self):
        return {
            **super()._reason_labels(),
            "cooldown": self.env._("Asked a short while ago"),
            "order_cancelled": self.env._("Order cancelled"),
            "suppressed:open_complaint": self.env._("Has an open complaint"),
        }
