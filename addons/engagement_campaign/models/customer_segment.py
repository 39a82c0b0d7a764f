import ast

from odoo import api, fields, models
from odoo.fields import Domain


class CustomerSegment(models.Model):
    """A named group of customers: a condition on their lifecycle."""

    _name = "customer.segment"
    _description = "Customer Segment"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    domain = fields.Char("Condition", required=True, default="[]")
    customer_count = fields.Integer("Customers", compute="_compute_customer_count")

    _name_uniq = models.UniqueIndex(
        "(company_id, (name->>'en_US')) WHERE active",
        "Another segment of this company has this name.",
    )

    @api.depends("domain", "company_id")
    def _compute_customer_count(self):
        for segment in self:
            rows = self.env["customer.lifecycle"]
            segment.customer_count = rows.search_count(segment._domain())

    @api.constrains("domain")
    def _check_domain(self):
        step = self.env["journey.step.mixin"]
        for segment in self:
            step._check_domain("domain", segment.domain, "customer.lifecycle")

    @api.constrains("company_id")
    def _check_company(self):
        campaigns = self.env["engagement.campaign"].sudo()
        used = campaigns.with_context(active_test=False).search(
            [("target_segment_id", "in", self.ids)]
        )
        for campaign in used:
            campaign._check_same_company("target_segment_id")

    def _domain(self):
        """Return the condition as a Domain, within the segment's company."""
        self.ensure_one()
        mine = Domain("company_id", "=", self.company_id.id)
        return Domain(ast.literal_eval(self.domain or "[]")) & mine

    def action_customers(self):
        """Show the customers of the segment."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "customer.lifecycle",
            "view_mode": "list,kanban,form,graph,pivot",
            "domain": list(self._domain()),
        }
