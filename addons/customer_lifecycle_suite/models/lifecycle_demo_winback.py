from odoo import api, models

# What the campaigns of the demo change in what ships: {code: values}.
SHIPPED = {"winback_lapsed": {"daily_limit": 6}}
# For those whom the first campaign gave up.
LATE = {
    "name": "Old friends",
    "code": "winback_late",
    "min_days_inactive": 181,
    "max_days_inactive": 420,
    "min_previous_orders": 2,
    "daily_limit": 3,
    "offer_type": "discount_fixed",
    "offer_value": 10,
    "offer_validity_days": 21,
}


class LifecycleDemoWinback(models.AbstractModel):
    """Two campaigns that ask lapsed customers back, every day."""

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_campaigns(self, open_history, bar):
        result = super()._tell_campaigns(open_history, bar)
        self._start_winback()
        return result

    @api.model
    def _start_winback(self):
        """Switch both campaigns on; return them."""
        model = self.env["winback.campaign"]
        mine = [("company_id", "=", self.env.company.id)]
        for code, values in SHIPPED.items():
            model.search([*mine, ("code", "=", code)]).write(values)
        codes = [*SHIPPED, LATE["code"]]
        if not model.search_count([*mine, ("code", "=", LATE["code"])]):
            model.create({**LATE, "company_id": self.env.company.id})
        campaigns = model.search([*mine, ("code", "in", codes)], order="id")
        campaigns.action_start()
        return campaigns
