from odoo import api, fields, models
from odoo.fields import Domain


class LifecycleValue(models.AbstractModel):
    """Who is worth the most to the shop, in any currency and price range."""

    _name = "lifecycle.value"
    _description = "Customer Value"

    is_high_value = fields.Boolean(
        "High value",
        compute="_compute_is_high_value",
        search="_search_is_high_value",
        help="Among the customers with the highest revenue; how many is set in the "
        "policy, and from which revenue on is measured every day.",
    )

    @api.depends("total_revenue", "company_id")
    def _compute_is_high_value(self):
        limits = self._high_value_limits(self.company_id)
        for row in self:
            limit = limits.get(row.company_id.id)
            row.is_high_value = bool(limit and row.total_revenue >= limit)

    @api.model
    def _search_is_high_value(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            Domain("company_id", "=", company) & Domain("total_revenue", ">=", limit)
            for company, limit in self._high_value_limits().items()
        )

    @api.model
    def _high_value_limits(self, companies=None):
        """Return from which revenue on customers are of high value, by company id."""
        domain = Domain("high_value_from", ">", 0)
        if companies is not None:
            domain &= Domain("company_id", "in", companies.ids)
        policies = self.env["lifecycle.policy"].sudo().search(domain)
        return {policy.company_id.id: policy.high_value_from for policy in policies}
