from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock

# Days that a scheduler which stood still makes up for.
CATCH_UP = 7
# Two days of a kind are of two years, also where the date is changed in between.
APART_DAYS = 180


class LoyaltyOccasion(models.AbstractModel):
    """Points for birthdays and for years of membership, once each."""

    _name = "loyalty.occasion"
    _description = "Occasions that earn Points"

    @api.model
    def _cron_occasions(self):
        """Credit the occasions of today, and of days that were missed."""
        self._credit_occasions(fields.Datetime.now())

    @api.model
    def _credit_occasions(self, now):
        """Credit birthdays and anniversaries, set-based; each once per year, whatever
        becomes of the date, and of nobody who joined after the day.

        :param datetime now: naive UTC
        :return: number of rows
        """
        programs = self.env["loyalty.program"].sudo()
        domain = [("accounts_since", "!=", False), ("is_active", "=", True)]
        ledger = self.env["loyalty.ledger"].sudo()
        count = 0
        for program in programs.search(domain)._runs():
            rules = {rule.type: rule for rule in program.earning_rule_ids}
            for wanted in (
                self._wanted_birthday(program, rules.get("birthday"), now),
                self._wanted_anniversary(program, rules.get("anniversary"), now),
            ):
                if wanted:
                    count += ledger._earn_within_limits(program, wanted, now)[0]
        return count

    def _wanted_birthday(self, program, rule, now):
        """What the program's rule gives, and what the member's tier adds to it."""
        benefits = program.tier_ids.benefit_ids
        if not rule and "birthday_bonus" not in benefits.mapped("type"):
            return None
        points = SQL(
            """%s + coalesce((
                SELECT sum(b.value) FROM loyalty_tier t
                  JOIN loyalty_tier_benefit b ON b.tier_id = t.id
                 WHERE t.program_id = a.program_id AND t.code = a.current_tier
                   AND b.type = 'birthday_bonus'), 0)""",
            rule.points if rule else 0,
        )
        source = rule or program
        day = SQL("p.birthday"), SQL("1900")
        return self._wanted(program, "birthday", source, points, now, day)

    def _wanted_anniversary(self, program, rule, now):
        if not rule:
            return None
        # Whoever joined today has no anniversary yet.
        joined = self._joined_day(program)
        day = joined, SQL("extract(year FROM %s)::int + 1", joined)
        points = SQL("%s", rule.points)
        return self._wanted(program, "anniversary", rule, points, now, day)

    def _joined_day(self, program):
        """Return the local day (SQL) on which an account (alias ``a``) was opened."""
        company = program.company_id or self.env.company
        zone = company.sudo().partner_id.tz or "UTC"
        return SQL("(a.joined_at AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone)

    def _wanted(self, program, kind, source, points, now, day):
        """Select who has a day in the year today, or had it a few days ago.

        :param source: record that the ledger names as the reason
        :param tuple day: SQL of the day that returns, and of the first year that counts
        """
        company = program.company_id or self.env.company
        today = Clock(now).today(company)
        days = [today - timedelta(days=number) for number in range(CATCH_UP)]
        labels = self.env["loyalty.earning.rule"]._fields["type"]
        return SQL(
            """
            SELECT a.id AS loyalty_id, (%(points)s)::numeric AS points,
                   %(model)s AS source_type, %(source)s AS source_id,
                   %(label)s AS description,
                   %(kind)s || ':' || %(year)s AS key, %(now)s::timestamp AS issued_at,
                   %(expires)s::timestamp AS expires_at
              FROM customer_loyalty a JOIN res_partner p ON p.id = a.customer_id
              JOIN unnest(%(names)s, %(days)s) d (name, day)
                ON to_char(%(born)s, 'MM-DD') = d.name AND %(year)s >= %(first)s
             WHERE a.program_id = %(program)s AND a.active AND p.active
               AND (a.joined_at IS NULL OR d.day >= %(joined)s)
               AND NOT EXISTS (%(lately)s)
            """,
            points=points,
            model=source._name,
            source=source.id,
            label=dict(labels._description_selection(self.env))[kind],
            kind=kind,
            now=now,
            expires=program._expiry(now),
            names=[name for name, _day in self._days(days)],
            days=[day for _name, day in self._days(days)],
            year=SQL("extract(year FROM d.day)::int"),
            born=day[0],
            first=day[1],
            joined=self._joined_day(program),
            lately=self._had_lately(kind, now),
            program=program.id,
        )

    def _had_lately(self, kind, now):
        """Select (SQL) what an account (alias ``a``) got for the same day a short time
        ago, as that of the year before or after.
        """
        return SQL(
            """
            SELECT FROM loyalty_transaction t
             WHERE t.loyalty_id = a.id AND t.created_at > %(since)s
               AND t.idempotency_key IN (
                   %(kind)s || ':' || extract(year FROM d.day)::int - 1,
                   %(kind)s || ':' || extract(year FROM d.day)::int + 1)
            """,
            kind=kind,
            since=now - timedelta(days=APART_DAYS),
        )

    @api.model
    def _days(self, days):
        """Return [(month and day, the day itself)]; the 29th of February is kept on the
        28th in years without one.
        """
        found = [(day.strftime("%m-%d"), day) for day in days]
        for day in days:
            last = (day + timedelta(days=1)).day == 1
            if (day.month, day.day) == (2, 28) and last:
                found.append(("02-29", day))
        return found
