from odoo import models


class SaleSubscriptionTemplate(models.Model):
    _inherit = "sale.subscription.template"

    def write(self, vals):
        result = super().write(vals)
        if not {"recurring_rule_type", "recurring_interval"}.isdisjoint(vals):
            # The monthly revenue of everybody who subscribed to this is another.
            subscriptions = self.env["sale.subscription"].sudo()
            running = [("template_id", "in", self.ids), ("in_progress", "=", True)]
            subscriptions.search(running)._record_lifecycle_changes()
        return result
