from odoo import models

from ..tools.source import Source


class LoyaltyGenerateWizard(models.TransientModel):
    _inherit = "loyalty.generate.wizard"

    def generate_coupons(self):
        """Points that are given away stand in the ledger, with the reason."""
        text = self[:1].description or self.env._("Gift For Customer")
        source = Source("reason", "loyalty.program", tuple(self.program_id.ids), text)
        wizards = self.with_context(loyalty_source=source)
        cards = super(LoyaltyGenerateWizard, wizards).generate_coupons()
        return cards.with_env(self.env)
