from odoo import api, fields, models


class LifecyclePolicy(models.Model):
    _inherit = "lifecycle.policy"

    trial_notice_days = fields.Integer(
        "Trial ends within (days)",
        default=3,
        required=True,
        help="So many days before the end of a trial subscription the customer's "
        "timeline says so, and campaigns may follow.",
    )

    @api.constrains("trial_notice_days")
    def _check_trial_notice_days(self):
        for policy in self:
            policy._check_ranges()

    def _ranges(self):
        return super()._ranges() | {"trial_notice_days": (0, 365)}
