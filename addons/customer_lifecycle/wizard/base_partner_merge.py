from odoo import api, models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Consolidate lifecycle rows before standard's SQL moves the foreign keys.

        Standard would run into the unique index of customer and company.
        """
        engine = self.env["lifecycle.engine"].sudo()
        target = dst_partner.commercial_partner_id
        former = src_partners.commercial_partner_id
        for source in src_partners - target:
            engine._merge_customers(source, target)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._recompute_commercial_partners(dst_partner)
        engine._customers_moved((former - src_partners) | target)
        return result

    def _recompute_commercial_partners(self, partner):
        """Standard's SQL gives contacts a new parent, or a contact for a customer."""
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        below = partners.search([("id", "child_of", partner.id)])
        self.env.add_to_compute(below._fields["commercial_partner_id"], below)
        below.flush_recordset(["commercial_partner_id"])
