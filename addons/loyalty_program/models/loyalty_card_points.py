from odoo import api, models

from ..tools.inputs import check_values


class LoyaltyCard(models.Model):
    """Points of a card are a number, whoever writes them."""

    _inherit = "loyalty.card"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_points_given(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_points_given(vals)
        return super().write(vals)

    def _check_points_given(self, vals):
        if "points" in vals:
            check_values(self, {"points": vals["points"]})
