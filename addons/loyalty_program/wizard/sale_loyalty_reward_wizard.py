from odoo import models


class SaleLoyaltyRewardWizard(models.TransientModel):
    _inherit = "sale.loyalty.reward.wizard"

    def action_apply(self):
        """Standard drops what it is told about a claim that was refused."""
        wizard = self.with_context(loyalty_claim_raises=True)
        return super(SaleLoyaltyRewardWizard, wizard).action_apply()
