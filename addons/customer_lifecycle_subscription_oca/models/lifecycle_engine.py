from odoo import api, models


class LifecycleEngine(models.AbstractModel):
    _inherit = "lifecycle.engine"

    @api.model
    def _customers_moved(self, customers):
        """Subscriptions follow their contact to another customer, as orders do."""
        result = super()._customers_moved(customers)
        subscriptions = self.env["sale.subscription"].sudo()
        subscriptions = subscriptions.with_context(active_test=False).search(
            [
                ("partner_id", "child_of", customers.ids),
                "|",
                ("in_progress", "=", True),
                ("stage_id.type", "=", "post"),
            ]
        )
        subscriptions._record_lifecycle_changes()
        return result
