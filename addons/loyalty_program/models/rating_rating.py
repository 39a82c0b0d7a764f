from odoo import api, fields, models


class RatingRating(models.Model):
    """Whoever reviews a product gets its points, once per product."""

    _inherit = "rating.rating"

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings.filtered("consumed")._loyalty_reviewed()
        return ratings

    def write(self, vals):
        fresh = self.filtered(lambda rating: not rating.consumed)
        result = super().write(vals)
        if vals.get("consumed"):
            fresh._loyalty_reviewed()
        return result

    def _loyalty_reviewed(self):
        """Credit reviews of products by members."""
        accounts = self.env["customer.loyalty"].sudo()
        now = fields.Datetime.now()
        for rating in self.sudo():
            if rating.res_model not in ("product.template", "product.product"):
                continue
            customer = rating.partner_id
            # As many as a customer writes: a handful at most.
            for account in accounts.search([("customer_id", "=", customer.id)]):
                key = f"review:{rating.res_model}:{rating.res_id}"
                account._earn_by_rule("review", rating._name, rating.id, key, now)
