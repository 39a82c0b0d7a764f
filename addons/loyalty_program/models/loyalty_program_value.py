from odoo import models


class LoyaltyProgramValue(models.AbstractModel):
    """What a point is worth."""

    _name = "loyalty.program.value"
    _description = "Value of the Points of a Loyalty Program"

    def _point_value(self):
        """Return what a point is worth in the program's currency: the best that one of
        its plain discounts gives for it.
        """
        plain = self.reward_ids.filtered(
            lambda r: (
                r.reward_type == "discount"
                and r.discount_mode in ("per_order", "per_point")
                and r.required_points
            )
        )
        values = [
            reward.discount / reward.required_points
            if reward.discount_mode == "per_order"
            else reward.discount
            for reward in plain
        ]
        return max(values, default=0.0)
