from odoo import models


class AccountMove(models.Model):
    """What is refunded earns nothing, and costs no points."""

    _inherit = "account.move"

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        self._tell_referrals(("out_invoice",))
        return result

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._loyalty_settle()
        posted._tell_referrals(("out_refund",))
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._loyalty_settle()
        # What is corrected may not have been paid after all.
        self._tell_referrals(("out_invoice", "out_refund"))
        return result

    def _loyalty_settle(self):
        """Bring the points of the orders behind these invoices up to date."""
        moves = self.filtered(lambda m: m.move_type in ("out_invoice", "out_refund"))
        # A credit note may have lines of its own.
        lines = (moves | moves.reversed_entry_id).sudo().line_ids
        orders = lines.sale_line_ids.order_id
        for order in orders._loyalty_credited():
            order._loyalty_settle_refunds()

    def _tell_referrals(self, kinds):
        referrals = self.env["loyalty.referral"]
        for move in self.filtered(lambda move: move.move_type in kinds):
            referrals._payment_changed(move.partner_id, move)
