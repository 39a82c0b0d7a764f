from odoo import api, fields, models

from odoo.addons.customer_lifecycle.tools.bounds import check_range


class ResCompany(models.Model):
    _inherit = "res.company"

    nps_case_days = fields.Integer(
        "Unhappy customers are answered within (days)", default=1
    )
    nps_case_user_id = fields.Many2one(
        "res.users",
        "Unhappy customers without a salesperson",
        help="Takes care of customers whom nobody is in charge of.",
    )

    @api.constrains("nps_case_days")
    def _check_nps_case_days(self):
        for company in self:
            check_range(company, "nps_case_days", 0, 90)
