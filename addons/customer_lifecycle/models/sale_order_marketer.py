from odoo import api, models

# What who reads orders, but no invoices, is shown instead of the views of Sales.
MARKETER_VIEWS = {
    "form": "customer_lifecycle.sale_order_view_form_marketer",
    "list": "customer_lifecycle.sale_order_view_list_marketer",
}


class SaleOrder(models.Model):
    """How a marketer sees the orders behind the figures: to read, without invoices."""

    _inherit = "sale.order"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        if view_type in MARKETER_VIEWS and self._is_mere_marketer():
            view_id = self.env.ref(MARKETER_VIEWS[view_type]).id
        return super()._get_view(view_id, view_type, **options)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self._is_mere_marketer())

    @api.model
    def _is_mere_marketer(self):
        """Whether the user may read orders, but not the invoices in Sales' views."""
        return self.env.user.has_group(
            "customer_lifecycle.group_lifecycle_user"
        ) and not self.env["account.move.line"].has_access("read")
