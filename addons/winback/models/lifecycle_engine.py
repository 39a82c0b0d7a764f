from odoo import api, models


class LifecycleEngine(models.AbstractModel):
    _inherit = "lifecycle.engine"

    @api.model
    def _merge_customers(self, source, target):
        """One attempt on a customer at a time: where both are being wooed, whatever
        the campaigns, the source's attempt ends.
        """
        attempts = self.env["winback.attempt"].sudo()
        running = attempts.search(
            [
                ("customer_id", "in", [source.id, target.id]),
                ("run_state", "=", "running"),
            ]
        )
        wooed = running.filtered(lambda a: a.customer_id == target).company_id
        twice = running.filtered(
            lambda a: a.customer_id == source and a.company_id in wooed
        )
        now = self.env.cr.now().replace(microsecond=0)
        attempts._end(twice.ids, "cancelled", "merged", now)
        return super()._merge_customers(source, target)
