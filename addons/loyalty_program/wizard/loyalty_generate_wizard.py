from odoo import models

from ..tools.source import Source, moving


class LoyaltyGenerateWizard(models.TransientModel):
    _inherit = "loyalty.generate.wizard"

    def generate_coupons(self):
        """Points that are given away stand in the ledger, with the reason."""
        text = self[:1].description or self.env._("Gift For Customer")
        source = Source("reason", "loyalty.program", tuple(self.program_id.ids), text)
        with moving(source):
            return super().generate_coupons()
