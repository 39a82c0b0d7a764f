from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge_loyalty_cards(self, src_partners, dst_partner):
        """Accounts move their points by a pair of rows each, before standard adds up
        what other cards hold.
        """
        self.env["loyalty.referral"].sudo()._merge_friends(src_partners, dst_partner)
        self.env["customer.loyalty"].sudo()._merge_into(src_partners, dst_partner)
        return super()._merge_loyalty_cards(src_partners, dst_partner)
