from odoo import api, models


class LifecycleEvent(models.Model):
    _inherit = "lifecycle.event"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "points_earned": self.env._("Points earned"),
            "points_reversed": self.env._("Earned points taken back"),
            "points_redeemed": self.env._("Points redeemed"),
            "points_returned": self.env._("Redeemed points given back"),
            "points_expired": self.env._("Points expired"),
            "points_adjusted": self.env._("Points adjusted"),
            "points_transferred": self.env._("Points transferred"),
            "tier_changed": self.env._("Loyalty tier changed"),
            "reward_redeemed": self.env._("Reward redeemed into a code"),
            "referral_rewarded": self.env._("Referral rewarded"),
        }
