from odoo import api, fields, models

from odoo.addons.customer_lifecycle.tools.bounds import check_range

from ..const import TARGET


class LifecyclePolicy(models.Model):
    _inherit = "lifecycle.policy"

    nps_target = fields.Float("NPS target", default=TARGET)

    @api.constrains("nps_target")
    def _check_nps_target(self):
        for policy in self:
            check_range(policy, "nps_target", -100, 100)
