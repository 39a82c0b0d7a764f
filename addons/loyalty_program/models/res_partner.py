from odoo import fields, models

READERS = "sales_team.group_sale_salesman,customer_lifecycle.group_lifecycle_user"


class ResPartner(models.Model):
    _inherit = "res.partner"

    loyalty_account_ids = fields.One2many(
        "customer.loyalty", "customer_id", "Loyalty accounts", groups=READERS
    )
    loyalty_account_count = fields.Integer(
        compute="_compute_loyalty_account", groups=READERS
    )
    loyalty_account_points = fields.Float(
        "Loyalty points", compute="_compute_loyalty_account", groups=READERS
    )

    def _compute_loyalty_account(self):
        """A firm's contacts share its account."""
        for partner in self:
            accounts = partner.commercial_partner_id.loyalty_account_ids
            partner.loyalty_account_count = len(accounts)
            partner.loyalty_account_points = sum(accounts.mapped("points_balance"))

    def action_view_loyalty_accounts(self):
        """Open the customer's accounts; the account, where there is one."""
        self.ensure_one()
        accounts = self.commercial_partner_id.loyalty_account_ids
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "loyalty_program.customer_loyalty_action"
        )
        action["context"] = {}
        if len(accounts) == 1:
            return {**action, "res_id": accounts.id, "views": [(False, "form")]}
        return {
            **action,
            "domain": [("id", "in", accounts.ids)],
            "views": [(False, "list"), (False, "form")],
        }
