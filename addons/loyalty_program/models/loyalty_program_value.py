from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

# Orders of so many days tell what a percentage is worth.
DAYS = 365


class LoyaltyProgramValue(models.AbstractModel):
    """What a point is worth."""

    _name = "loyalty.program.value"
    _description = "Value of the Points of a Loyalty Program"

    def _point_value(self, moment=None):
        """Return what a point is worth in the program's currency: the best that one of
        its rewards gives for it.

        IFRS 15 calls points an option for additional goods (B39 to B43): it is
        measured by its stand-alone selling price, that is by the discount which the
        customer gets by exercising it (B42). A fixed discount is worth what it takes
        off, a percentage that of the average order, a product its sales price; free
        delivery counts as nothing. How many points may never be redeemed is not
        guessed: all of them count.

        Rewards of a program that is archived are archived with it; they count still.

        :param datetime moment: naive UTC; the current time by default
        """
        moment = moment or fields.Datetime.now()
        # What is archived is no offer any more, unless the whole program is.
        rewards = self.with_context(active_test=self.active).reward_ids
        is_percent = any(reward._is_percent() for reward in rewards)
        average = self._average_order(moment) if is_percent else 0.0
        values = [reward._point_worth(average, moment) for reward in rewards]
        return max(values, default=0.0)

    def _average_order(self, moment):
        """Return what an order of the program's company came to on average, in the
        program's currency; 0 if there was none within a year.

        Orders count at the rate of their own day, between company and program that of
        ``moment``.

        :param datetime moment: naive UTC
        """
        self.env.flush_all()
        rows = [
            row
            for query in self._average_queries(moment - timedelta(days=DAYS), moment)
            for row in self.env.execute_query(query)
        ]
        number = sum(count for _company, _own, count, _total in rows)
        total = sum(
            amount * (1 if is_own else self._company_rate(company, moment))
            for company, is_own, _count, amount in rows
        )
        return total / number if number else 0.0

    def _average_queries(self, since, until):
        """Return queries that sum up orders: (id of the company, whether the sum is in
        the program's currency and not the company's, number, sum). Other sources of
        orders add theirs.

        :param datetime since: naive UTC
        :param datetime until: naive UTC
        """
        return [
            SQL(
                """
                SELECT company_id, currency_id = %(currency)s, count(*), sum(
                           CASE WHEN currency_id = %(currency)s THEN amount_total
                           ELSE amount_total / coalesce(nullif(currency_rate, 0), 1)
                           END)::float8
                  FROM sale_order
                 WHERE state = 'sale' AND date_order BETWEEN %(since)s AND %(until)s
                   AND (%(company)s::int IS NULL OR company_id = %(company)s)
                 GROUP BY 1, 2
                """,
                currency=self.currency_id.id,
                since=since,
                until=until,
                company=self.company_id.id or None,
            )
        ]

    def _company_rate(self, company, moment):
        """Return what a unit of a company's currency is in the program's.

        :param int company: id of a ``res.company``
        :param datetime moment: naive UTC
        """
        company = self.env["res.company"].sudo().browse(company)
        return self._rate(company.currency_id, company, moment.date())

    def _rate(self, currency, company, day):
        """Return what a unit of a currency is in the program's.

        :param currency: ``res.currency``; empty: the program's own
        :param company: ``res.company`` whose rates count
        :param date day: of the rate
        """
        if not currency or currency == self.currency_id:
            return 1
        return self.env["res.currency"]._get_conversion_rate(
            currency, self.currency_id, company, day
        )
