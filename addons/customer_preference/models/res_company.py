from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import ABSENCE, WEEKDAYS
from ..tools.quiet_hours import QuietHours, clock_of

# No quiet lasts longer than a message may be held, and then some.
HORIZON = timedelta(days=60)


class ResCompany(models.Model):
    _inherit = "res.company"

    quiet_hours_start = fields.Float("Quiet from", default=21.0)
    quiet_hours_end = fields.Float("Quiet until", default=9.0)
    quiet_on_monday = fields.Boolean("Monday")
    quiet_on_tuesday = fields.Boolean("Tuesday")
    quiet_on_wednesday = fields.Boolean("Wednesday")
    quiet_on_thursday = fields.Boolean("Thursday")
    quiet_on_friday = fields.Boolean("Friday")
    quiet_on_saturday = fields.Boolean("Saturday")
    quiet_on_sunday = fields.Boolean("Sunday")
    contact_hold_hours = fields.Integer(
        "Held messages expire after (hours)", default=72
    )
    email_consent_default = fields.Selection(
        ABSENCE,
        "E-mail without an answer",
        default="customers",
        # Not required in the database: tests of standard create companies before this
        # addon is loaded. Without a word it is as by default.
        help="Who gets marketing by e-mail before having said yes or no. SMS and push "
        "are only for those who agreed.",
    )
    email_double_opt_in = fields.Boolean(
        "Confirm e-mail consent",
        help="Who agrees to e-mail gets a message with a link to confirm it.",
    )

    @api.constrains("quiet_hours_start", "quiet_hours_end")
    def _check_quiet_hours(self):
        for company in self:
            hours = (company.quiet_hours_start, company.quiet_hours_end)
            if not all(0 <= hour < 24 for hour in hours):
                raise ValidationError(
                    self.env._("Quiet hours must lie between 00:00 and 23:59.")
                )

    @api.constrains(*(f"quiet_on_{day}" for day in WEEKDAYS))
    def _check_quiet_days(self):
        for company in self:
            if all(company[f"quiet_on_{day}"] for day in WEEKDAYS):
                raise ValidationError(
                    self.env._("One day of the week at least must not be quiet.")
                )

    @api.constrains("contact_hold_hours")
    def _check_contact_hold_hours(self):
        for company in self:
            if not 1 <= company.contact_hold_hours <= 720:
                raise ValidationError(
                    self.env._("Held messages expire after 1 to 720 hours.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["contact.frequency.cap"].sudo()._ensure(companies)
        return companies

    def _quiet_hours(self, now):
        """Return the company's ``QuietHours`` with its holidays around ``now``."""
        self.ensure_one()
        return QuietHours(
            clock_of(self.quiet_hours_start),
            clock_of(self.quiet_hours_end),
            frozenset(
                number for number, day in enumerate(WEEKDAYS) if self[f"quiet_on_{day}"]
            ),
            self.partner_id.tz or "UTC",
            self._closed_times(now),
        )

    def _closed_times(self, now):
        """Return the holidays of the company's calendar: (from, until), UTC."""
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("company_id", "in", [self.id, False]),
                ("calendar_id", "in", [self.resource_calendar_id.id, False]),
                ("date_to", ">", now),
                ("date_from", "<", now + HORIZON),
            ]
        )
        return tuple(leaves.mapped(lambda leave: (leave.date_from, leave.date_to)))
