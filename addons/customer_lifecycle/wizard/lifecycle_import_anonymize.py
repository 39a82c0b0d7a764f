from odoo import api, models


class LifecycleImportAnonymize(models.AbstractModel):
    """The id that files know a customer by is forgotten with the customer."""

    _inherit = "lifecycle.engine"

    @api.model
    def _anonymize_customer(self, partner):
        result = super()._anonymize_customer(partner)
        known = self.env["lifecycle.import.customer"].sudo()
        known.search([("partner_id", "=", partner.id)]).unlink()
        return result
