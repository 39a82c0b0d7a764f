from odoo import api, fields, models


class RatingRating(models.Model):
    """Whoever reviews a product that was bought gets its points, once per product."""

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
            if not rating._loyalty_is_bought():
                continue
            # As many as a customer writes: a handful at most.
            for account in accounts.search([("customer_id", "=", customer.id)]):
                key, former = rating._loyalty_review_keys()
                if not account._is_noted(former):
                    account._earn_by_rule("review", rating._name, rating.id, key, now)

    def _loyalty_review_keys(self):
        """Return the key under which a review earns, and those of its variants, under
        which it may have earned before: a product is reviewed once.
        """
        product = self.env[self.res_model].sudo().browse(self.res_id)
        if product._name == "product.product":
            product = product.product_tmpl_id
        variants = product.with_context(active_test=False).product_variant_ids
        former = [f"review:product.product:{number}" for number in variants.ids]
        return f"review:product.template:{product.id}", former

    def _loyalty_is_bought(self):
        """Whether the reviewer's firm or the reviewer ever bought the product."""
        self.ensure_one()
        products = self.env[self.res_model].sudo().browse(self.res_id)
        if products._name == "product.template":
            products = products.with_context(active_test=False).product_variant_ids
        owner = self.partner_id.commercial_partner_id
        return bool(owner) and self._loyalty_has_bought(owner, products)

    def _loyalty_has_bought(self, owner, products):
        """Whether a customer bought one of the products; a bridge knows further doors.

        :param owner: ``res.partner``, the commercial one
        :param products: ``product.product``
        """
        lines = self.env["sale.order.line"].sudo()
        domain = [
            ("product_id", "in", products.ids),
            ("state", "=", "sale"),
            ("order_partner_id.commercial_partner_id", "=", owner.id),
        ]
        return bool(lines.search_count(domain, limit=1))
