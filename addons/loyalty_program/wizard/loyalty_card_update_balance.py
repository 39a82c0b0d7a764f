from odoo import models

from ..tools.source import Source


class LoyaltyCardUpdateBalance(models.TransientModel):
    _inherit = "loyalty.card.update.balance"

    def action_update_card_point(self):
        """The reason that was given stands in the ledger."""
        source = Source(
            "reason", "loyalty.card", tuple(self.card_id.ids), self.description or ""
        )
        wizard = self.with_context(loyalty_source=source)
        return super(LoyaltyCardUpdateBalance, wizard).action_update_card_point()
