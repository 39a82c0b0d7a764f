from odoo import models

from ..tools.source import ANY, Source, moving


class LoyaltyCardUpdateBalance(models.TransientModel):
    _inherit = "loyalty.card.update.balance"

    def action_update_card_point(self):
        """The reason that was given stands in the ledger; a code is no balance."""
        points = {"points": self.new_balance}
        self.card_id._check_writable(points, {self.card_id.id: None})
        if self.card_id.sudo().redemption_id:
            self.card_id._check_code_change(self.card_id, "points")
        card, text = self.card_id.id, self.description or ""
        source = Source("reason", "loyalty.card", (card,), text, {card: ANY})
        with moving(source):
            return super().action_update_card_point()
