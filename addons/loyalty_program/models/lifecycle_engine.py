from odoo import api, models


class LifecycleEngine(models.AbstractModel):
    """The ledger of who asked for erasure stays, without words about people."""

    _inherit = "lifecycle.engine"

    @api.model
    def _anonymize_customer(self, partner):
        """Forget what colleagues wrote; points and their sources stay."""
        result = super()._anonymize_customer(partner)
        accounts = self.env["customer.loyalty"].sudo().with_context(active_test=False)
        mine = accounts.search([("customer_id", "=", partner.id)])
        self.env.flush_all()
        # Beside the ORM, which lets nobody change the ledger.
        self.env.cr.execute(
            "UPDATE loyalty_transaction SET source_description = NULL"
            " WHERE loyalty_id = ANY(%s)"
            " AND transaction_type IN ('adjust', 'transfer')",
            [mine.ids],
        )
        self.env.cr.execute(
            "UPDATE loyalty_pending SET source_description = NULL, decision = NULL"
            " WHERE loyalty_id = ANY(%s)",
            [mine.ids],
        )
        self.env["loyalty.transaction"].invalidate_model(["source_description"])
        self.env["loyalty.pending"].invalidate_model()
        return result
