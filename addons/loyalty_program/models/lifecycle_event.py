from odoo import api, fields, models

REFERRAL_EVENTS = {
    "friend_invited",
    "friend_joined",
    "referral_rewarded",
    "referral_reversed",
    "payment_changed",
}


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
            "friend_invited": self.env._("Came by a friend's invitation"),
            "friend_joined": self.env._("An invited friend joined"),
            "referral_reversed": self.env._("Reward of an invitation taken back"),
            "payment_changed": self.env._("Payment or refund"),
        }

    @api.model
    def _event_consumers(self):
        return {
            **super()._event_consumers(),
            "referrals": "_consume_referrals",
            "tiers": "_consume_tiers",
        }

    def _consume_tiers(self):
        """Tell members which tier they have reached."""
        moved = self.filtered(lambda event: event.event_type == "tier_changed")
        if moved:
            self.env["customer.loyalty"]._tell_risen(moved)

    def _consume_referrals(self):
        """Find out what has become of the invitations of these customers."""
        referrals = self.env["loyalty.referral"].sudo()
        domain = [("friend_id.commercial_partner_id", "in", self.customer_id.ids)]
        found = referrals.with_context(active_test=False).search(domain)
        referrals.browse(found.ids)._settle(fields.Datetime.now())

    def _is_fact(self):
        """What invitations write is counted nowhere."""
        return super()._is_fact() and self.event_type not in REFERRAL_EVENTS
