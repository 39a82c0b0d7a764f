from odoo import api, models

TEMPLATE = "loyalty_tiers"
# code of the tier: (lifetime points, times the points, extra ones on the birthday)
TIERS = {
    "bronze": (0, 0, 0),
    "silver": (1000, 1.25, 0),
    "gold": (5000, 1.5, 100),
    "platinum": (15000, 2, 250),
}
REWARDS = [
    {"points": 500, "value": 5, "type": "discount"},
    {"points": 1000, "value": 12, "type": "discount"},
]


class LoyaltyProgramTemplates(models.AbstractModel):
    """A new program that works as it is, beside the ready-made ones of standard."""

    _name = "loyalty.program.templates"
    _description = "Templates of Loyalty Programs"

    @api.model
    def _preset(self):
        """Return the values of a new program with tiers."""
        return {
            "name": self.env._("Loyalty program"),
            "program_type": "loyalty",
            "portal_point_name": self.env._("Points"),
            "is_active": True,
            "earning_rules": [
                {"type": "purchase", "points_per_unit": 1, "unit": "currency"},
                {"type": "signup", "points": 50},
                {"type": "referral", "points": 250, "friend_points": 100},
                {"type": "review", "points": 25},
                {"type": "birthday", "points": 100},
            ],
            "tiers": [self._preset_tier(code) for code in TIERS],
            "redemption_rules": REWARDS,
        }

    @api.model
    def _preset_tier(self, code):
        points, factor, birthday = TIERS[code]
        labels = dict(self.env["loyalty.tier"]._fields["code"].selection)
        benefits = []
        if factor:
            benefits.append({"type": "points_multiplier", "value": factor})
        if birthday:
            benefits.append({"type": "birthday_bonus", "value": birthday})
        return {
            "name": labels[code],
            "code": code,
            "min_points": points,
            "benefits": benefits,
        }
