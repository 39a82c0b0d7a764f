from odoo import api, fields, models


class CustomerLifecycle(models.Model):
    _inherit = "customer.lifecycle"

    first_delivery_date = fields.Date("First delivery", readonly=True)

    @api.model
    def _api_fields(self):
        return [*super()._api_fields(), "first_delivery_date"]
