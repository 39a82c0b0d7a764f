from odoo import fields, models


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    offer_issued_at = fields.Datetime("Issued by an offer", readonly=True, copy=False)

    journey_model = fields.Char("Model of the journey", readonly=True, copy=False)
    journey_id = fields.Many2oneReference(
        model_field="journey_model", readonly=True, copy=False
    )
    journey_run_id = fields.Integer("Pass of the journey", readonly=True, copy=False)

    _journey_idx = models.Index(
        "(journey_model, journey_id, journey_run_id) WHERE journey_id IS NOT NULL"
    )

    def _unlink_unused(self):
        """Delete codes that are on no order: carts show them before the mail leaves."""
        (self - self._on_orders()).unlink()

    def _on_orders(self):
        """Return those that an order carries; a bridge adds its own orders."""
        lines = self.env["sale.order.line"].sudo()
        orders = self.env["sale.order"].sudo()
        used = lines.search([("coupon_id", "in", self.ids)]).coupon_id
        applied = orders.search([("applied_coupon_ids", "in", self.ids)])
        return used | applied.applied_coupon_ids
