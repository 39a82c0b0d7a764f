from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock

# Days that a scheduler which stood still makes up for.
CATCH_UP = 7
# Days ahead in which a dry run looks for dates.
AHEAD = 30


class EngagementSchedule(models.AbstractModel):
    """Who enters a campaign because of the date, or belongs to its segment today."""

    _name = "engagement.schedule"
    _description = "Entry into a Campaign by Date"

    def action_start(self):
        """Dates that passed while the campaign was switched off are no news."""
        for campaign in self.filtered(lambda campaign: not campaign.is_active):
            campaign._look_from_today()
        return super().action_start()

    def write(self, vals):
        """A new date is looked at today, even if today was looked at before."""
        dated = {"schedule_kind", "schedule_days", "schedule_date"} & set(vals)
        before = {c: [c[name] for name in dated] for c in self} if dated else {}
        result = super().write(vals)
        for campaign, values in before.items():
            changed = values != [campaign[name] for name in dated]
            if changed and campaign.scheduled_until:
                campaign._look_from_today(again=True)
        return result

    def _look_from_today(self, again=False):
        yesterday = Clock(fields.Datetime.now()).today(self.company_id)
        yesterday -= timedelta(days=1)
        seen = self.scheduled_until
        later = seen and seen > yesterday and not again
        self.sudo().scheduled_until = seen if later else yesterday

    def _enter_daily(self, now):
        """Enrol whom the date or the segment of the day lets in.

        :param datetime now: naive UTC
        :return: number of new enrolments
        """
        self.ensure_one()
        if self.trigger_type == "segment":
            self.sudo().scheduled_until = Clock(now).today(self.company_id)
            return len(self._admit(SQL("TRUE"), now))
        return sum(self._enter_on(day, now) for day in self._open_days(now))

    def _open_days(self, now):
        """Return the days whose time has come and that were not looked at yet."""
        today = Clock(now).today(self.company_id)
        local = Clock(now).local(self.company_id)
        if local.hour + local.minute / 60 < self.schedule_hour:
            today -= timedelta(days=1)
        first = self.scheduled_until or today - timedelta(days=1)
        first = max(first, today - timedelta(days=CATCH_UP))
        return [first + timedelta(days=d) for d in range(1, (today - first).days + 1)]

    def _enter_on(self, day, now):
        scope = getattr(self, f"_scope_{self.schedule_kind}")(day)
        entered = []
        if scope:
            context = SQL("jsonb_build_object('day', %s::text)", day.isoformat())
            entered = self._admit(scope, now, context)
        self.sudo().scheduled_until = day
        return len(entered)

    def _scope_anniversary(self, day):
        return SQL(
            "l.customer_since < %s AND %s",
            day - timedelta(days=300),
            self._same_day_sql(SQL("l.customer_since"), day),
        )

    def _scope_birthday(self, day):
        return SQL(
            """l.customer_id IN (
                SELECT b.id FROM res_partner b WHERE b.birthday IS NOT NULL AND %s)""",
            self._same_day_sql(SQL("b.birthday"), day),
        )

    def _same_day_sql(self, column, day):
        """The 29th of February is kept on the 28th in years without one."""
        days = [day.strftime("%m-%d")]
        if _stands_in(day):
            days.append("02-29")
        return SQL("to_char(%s, 'MM-DD') = ANY(%s)", column, days)

    def _scope_after_last_order(self, day):
        return SQL("l.last_order_date = %s", day - timedelta(days=self.schedule_days))

    def _scope_calendar(self, day):
        first = self.schedule_date
        same = {
            "once": day == first,
            "weekly": day.weekday() == first.weekday(),
            "monthly": day.day == first.day or (_is_last(day) and first.day > day.day),
            "yearly": day.strftime("%m-%d") == first.strftime("%m-%d")
            or ((first.month, first.day) == (2, 29) and _stands_in(day)),
        }
        return SQL("TRUE") if day >= first and same[self.schedule_repeat] else None

    def _audience_scope(self):
        """A dry run looks at those whose own date comes within ``AHEAD`` days."""
        scope = super()._audience_scope()
        if self.trigger_type != "schedule" or self.schedule_kind == "calendar":
            return scope
        today = Clock(fields.Datetime.now()).today(self.company_id)
        of_day = getattr(self, f"_scope_{self.schedule_kind}")
        days = [of_day(today + timedelta(days=number)) for number in range(AHEAD)]
        return SQL(
            "%s AND (%s)", scope, SQL(" OR ").join(SQL("(%s)", day) for day in days)
        )

    def _audience_label(self):
        """Say what the number of those whom a dry run lets in means."""
        if self.trigger_type in ("event", "milestone"):
            return self.env._("customers would enter if it happened to all of them now")
        if self.trigger_type != "schedule":
            return self.env._("customers would enter now")
        if self.schedule_kind == "calendar":
            return self.env._("customers would enter on that day")
        return self.env._("customers enter within %s days, by their date", AHEAD)

    @api.model
    def _due_today(self, now):
        """Return the campaigns that have not been looked at today."""
        found = self.sudo().search(
            [("is_active", "=", True), ("trigger_type", "in", ("schedule", "segment"))],
            order="priority desc, id",
        )
        return found.filtered(
            lambda c: (
                (c.trigger_type == "schedule" and c._open_days(now))
                or (
                    c.trigger_type == "segment"
                    and c.scheduled_until != Clock(now).today(c.company_id)
                )
            )
        )


def _is_last(day):
    return (day + timedelta(days=1)).day == 1


def _stands_in(day):
    """Whether a day is the 28th of February of a year without a 29th."""
    return (day.month, day.day) == (2, 28) and _is_last(day)
