from odoo import models

from ..tools.source import Source, moving


class LoyaltyCardUpdateBalance(models.TransientModel):
    _inherit = "loyalty.card.update.balance"

    def action_update_card_point(self):
        """The reason that was given stands in the ledger."""
        source = Source(
            "reason", "loyalty.card", tuple(self.card_id.ids), self.description or ""
        )
        with moving(source):
            return super().action_update_card_point()
