from odoo import api, models


class LifecycleEvent(models.Model):
    _inherit = "lifecycle.event"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "loyalty_joined": self.env._("Joined the loyalty program"),
            "tier_reached": self.env._("Reached a loyalty tier"),
            "tier_lost": self.env._("Lost a loyalty tier"),
            "reward_redeemed": self.env._("Redeemed loyalty points"),
            "points_expired": self.env._("Loyalty points expired"),
        }
