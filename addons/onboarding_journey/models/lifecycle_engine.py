from odoo import api, models


class LifecycleEngine(models.AbstractModel):
    _inherit = "lifecycle.engine"

    @api.model
    def _merge_customers(self, source, target):
        """One customer is in a journey once, with optional steps open, too."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE customer_onboarding s SET status = 'skipped'
              FROM customer_onboarding t
             WHERE s.customer_id = %s AND t.customer_id = %s
               AND s.definition_id = t.definition_id AND s.run_state <> 'running'
               AND s.status = 'in_progress' AND t.status = 'in_progress'
            """,
            [source.id, target.id],
        )
        self.env["customer.onboarding"].invalidate_model()
        return super()._merge_customers(source, target)
