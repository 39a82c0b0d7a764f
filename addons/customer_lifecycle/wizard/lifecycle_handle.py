from odoo import api, fields, models
from odoo.exceptions import ValidationError


class LifecycleHandle(models.TransientModel):
    _name = "lifecycle.handle"
    _description = "Mark Customers as Handled"

    lifecycle_ids = fields.Many2many("customer.lifecycle", required=True)
    days = fields.Integer(
        "Rest for (days)", required=True, default=lambda self: self._default_days()
    )
    until = fields.Date(compute="_compute_until")
    note = fields.Text(help="Kept on the customer's chatter.")

    @api.model
    def _default_days(self):
        return self.env["lifecycle.policy"]._ensure(self.env.company).snooze_days

    @api.depends("days")
    def _compute_until(self):
        for wizard in self:
            wizard.until = fields.Date.add(
                fields.Date.context_today(wizard), days=wizard.days
            )

    @api.constrains("days")
    def _check_days(self):
        if any(not 1 <= wizard.days <= 365 for wizard in self):
            raise ValidationError(
                self.env._("Rest for (days) must be between 1 and 365.")
            )

    def action_apply(self):
        """Take the customers off the board for that many days."""
        self.ensure_one()
        self.lifecycle_ids._mark_handled(self.days, self.note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
