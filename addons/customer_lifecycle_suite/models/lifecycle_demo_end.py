from odoo import api, fields, models

from .lifecycle_demo_people import PORTAL, USERS

# Set where the story was not told but loaded.
ARRIVES = "customer_lifecycle_suite.demo_arrives"


class LifecycleDemoEnd(models.AbstractModel):
    """What the story leaves behind."""

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_end(self, open_history, bar):
        """Bring up to date what follows from the days that were lived."""
        self.env["ir.config_parameter"].sudo().set_param("journey_engine.shards", False)
        self._create_portal_user()
        self._tell_assignment(open_history, bar)
        if "sale.subscription" in self.env:
            running = [("in_progress", "=", True)]
            for subscription in self.env["sale.subscription"].search(running):
                start = subscription.date_start
                subscription.recurring_next_date = self._next_month(start)
        self._leave_no_mail()

    @api.model
    def _leave_no_mail(self):
        """What colleagues and customers were told in the story is long read."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM mail_mail; DELETE FROM sms_sms")
        self.env.invalidate_all()

    @api.model
    def _arrive(self):
        """Give a story that was loaded what was not written down with it: passwords, a
        secret of its own, and what is kept by calendar month, which moving its days
        tears apart. Commits.
        """
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(ARRIVES):
            return
        parameters.init()
        logins = ["admin", PORTAL, *(login for login, *_rest in USERS)]
        for user in self.env["res.users"].search([("login", "in", logins)]):
            user.password = user.login
        self.env["lifecycle.cohort.stat"]._update(fields.Datetime.now())
        parameters.search([("key", "=", ARRIVES)]).unlink()
        self.env.cr.commit()  # pylint: disable=invalid-commit
