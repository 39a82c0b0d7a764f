from odoo import models


class MailActivitySchedule(models.TransientModel):
    _inherit = "mail.activity.schedule"

    def _action_schedule_activities(self):
        """Marketers plan calls with their customers, for a colleague, too.

        Standard lets the colleague follow the customer, and for that asks for the
        right to edit the contact.
        """
        if self.res_model == "res.partner":
            customers = self._get_applied_on_records()
            if customers._are_open_to_marketer():
                customers.check_access("read")
                self = self.sudo()  # noqa: PLW0642
        return super()._action_schedule_activities()
