from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock

# Days that a scheduler which stood still makes up for.
CATCH_UP = 7


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
        """Credit birthdays and anniversaries, set-based; each once per year.

        :param datetime now: naive UTC
        :return: number of rows
        """
        programs = self.env["loyalty.program"].sudo()
        domain = [("accounts_since", "!=", False), ("is_active", "=", True)]
        count = 0
        for program in programs.search(domain):
            for rule in program.earning_rule_ids:
                wanted = getattr(self, f"_wanted_{rule.type}", None)
                if wanted:
                    query = wanted(program, rule, now)
                    count += (
                        self.env["loyalty.ledger"].sudo()._earn_batch(query, now)[0]
                    )
        return count

    def _wanted_birthday(self, program, rule, now):
        return self._wanted(program, rule, now, SQL("p.birthday"), SQL("1900"))

    def _wanted_anniversary(self, program, rule, now):
        day = SQL("a.joined_at::date")
        # Whoever joined today has no anniversary yet.
        first = SQL("extract(year FROM a.joined_at)::int + 1")
        return self._wanted(program, rule, now, day, first)

    def _wanted(self, program, rule, now, day, first_year):
        """Select who has a day in the year today, or had it a few days ago."""
        company = program.company_id or self.env.company
        today = Clock(now).today(company)
        days = [today - timedelta(days=number) for number in range(CATCH_UP)]
        label = dict(rule._fields["type"]._description_selection(self.env))[rule.type]
        return SQL(
            """
            SELECT a.id AS loyalty_id, %(points)s::numeric AS points,
                   'loyalty.earning.rule' AS source_type, %(rule)s AS source_id,
                   %(label)s AS description,
                   %(kind)s || ':' || d.year AS key, %(now)s::timestamp AS issued_at,
                   %(expires)s::timestamp AS expires_at
              FROM customer_loyalty a JOIN res_partner p ON p.id = a.customer_id
              JOIN unnest(%(days)s, %(years)s) d (day, year)
                ON to_char(%(born)s, 'MM-DD') = d.day AND d.year >= %(first)s
             WHERE a.program_id = %(program)s AND a.active AND p.active
            """,
            points=rule.points,
            rule=rule.id,
            label=label,
            kind=rule.type,
            now=now,
            expires=program._expiry(now),
            days=[text for text, _year in self._days(days)],
            years=[year for _text, year in self._days(days)],
            born=day,
            first=first_year,
            program=program.id,
        )

    @api.model
    def _days(self, days):
        """Return [(month and day, year)]; the 29th of February is kept on the 28th in
        years without one.
        """
        found = [(day.strftime("%m-%d"), day.year) for day in days]
        for day in days:
            last = (day + timedelta(days=1)).day == 1
            if (day.month, day.day) == (2, 28) and last:
                found.append(("02-29", day.year))
        return found
