from odoo import api, models


class CustomerLifecycle(models.Model):
    _inherit = "customer.lifecycle"

    @api.model
    def _api_fields(self):
        return [*super()._api_fields(), "last_renewal_date", "first_subscription_date"]
