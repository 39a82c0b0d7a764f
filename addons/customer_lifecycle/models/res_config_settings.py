from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    lifecycle_policy_id = fields.Many2one(
        "lifecycle.policy", compute="_compute_lifecycle_policy_id"
    )
    lifecycle_at_risk_days = fields.Integer(
        related="lifecycle_policy_id.at_risk_days", readonly=False
    )
    lifecycle_dormant_days = fields.Integer(
        related="lifecycle_policy_id.dormant_days", readonly=False
    )
    lifecycle_churn_days = fields.Integer(
        related="lifecycle_policy_id.churn_days", readonly=False
    )

    def _compute_lifecycle_policy_id(self):
        policies = self.env["lifecycle.policy"]._ensure(self.company_id)
        for settings in self:
            settings.lifecycle_policy_id = policies.filtered(
                lambda policy, company=settings.company_id: policy.company_id == company
            )

    def action_open_lifecycle_policy(self):
        """Open the whole policy with its preview."""
        return self.env["lifecycle.policy"].action_open_company()
