from odoo import fields, models

READERS = "sales_team.group_sale_salesman,customer_lifecycle.group_lifecycle_user"


class ResPartner(models.Model):
    _inherit = "res.partner"

    loyalty_account_count = fields.Integer(
        compute="_compute_loyalty_account", groups=READERS
    )
    loyalty_account_points = fields.Float(
        "Loyalty points", compute="_compute_loyalty_account", groups=READERS
    )

    def _compute_loyalty_account(self):
        """A firm shows the accounts of its contacts, too; of points that have expired
        none, whether that was booked or not.
        """
        self.loyalty_account_count = 0
        self.loyalty_account_points = 0
        groups = self.env["customer.loyalty"]._read_group(
            [("customer_id", "child_of", self.ids)],
            ["customer_id"],
            ["__count", "points_balance:sum", "id:recordset"],
        )
        for partner, count, points, accounts in groups:
            points -= sum(accounts._due_points().values())
            while partner:
                if partner in self:
                    partner.loyalty_account_count += count
                    partner.loyalty_account_points += points
                partner = partner.parent_id

    def action_view_loyalty_accounts(self):
        """Open the customer's accounts; the account, where there is one."""
        self.ensure_one()
        domain = [("customer_id", "child_of", self.id)]
        accounts = self.env["customer.loyalty"].search(domain)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "loyalty_program.customer_loyalty_action"
        )
        action["context"] = {}
        if len(accounts) == 1:
            return {**action, "res_id": accounts.id, "views": [(False, "form")]}
        return {
            **action,
            "domain": domain,
            "views": [(False, "list"), (False, "form")],
        }
