from datetime import date, timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..const import CATEGORY_KEYS, CONTEXTS
from ..tools.nps import percent, summary

# What answers and invitations have in common: conditions on it hold for both.
SHARED = {"survey_id", "customer_id", "addressee_id", "company_id"}
INTERVALS = ("day", "week", "month", "quarter", "year")
COUNTS = SQL(", ").join(
    SQL("count(*) FILTER (WHERE n.category = %s)", key) for key in CATEGORY_KEYS
)


class NpsFigures(models.AbstractModel):
    """Counts of answers; what callers may see is checked before."""

    _name = "nps.figures"
    _description = "Figures of Surveys"

    # --------------------------------------------------------------------- domains
    @api.model
    def _period(self, name, date_from, date_to):
        """Return the Domain on a moment that a period of the company's days means."""
        engine = self.env["lifecycle.engine"]
        domain = Domain("company_id", "in", self.env.companies.ids)
        if date_from:
            domain &= Domain(name, ">=", engine._bounds(date_from, date_from)[0])
        if date_to:
            domain &= Domain(name, "<", engine._bounds(date_to, date_to)[1])
        return domain

    @api.model
    def _answers(self, date_from, date_to, domain=None):
        period = self._period("responded_at", date_from, date_to)
        return period & Domain(domain or Domain.TRUE)

    # --------------------------------------------------------------------- summary
    @api.model
    def _summary(self, date_from, date_to, domain=None):
        """Return the score of a period, what it is made of, and the response rate.

        :param date_from: date, or None for no bound
        :param date_to: date, the last day
        :param domain: condition on ``nps.response``
        """
        groups = self.env["nps.response"]._read_group(
            self._answers(date_from, date_to, domain), ["category"], ["__count"]
        )
        return summary(dict(groups)) | self._rate(date_from, date_to, domain)

    def _rate(self, date_from, date_to, domain):
        """Of the invitations that left in the period, the share answered by now."""
        own = Domain(domain or Domain.TRUE)
        names = {
            condition.field_expr.partition(".")[0]
            for condition in own.iter_conditions()
        }
        if names - SHARED:
            # Whom nobody answered for has no score: there is nothing to divide by.
            return {"invitations": False, "response_rate": False}
        sent = self._period("sent_at", date_from, date_to) & own
        found = self.env["nps.invitation"]._read_group(
            sent & Domain("sent_at", "!=", False), [], ["__count", "answered_at:count"]
        )
        invited, answered = found[0]
        return {"invitations": invited, "response_rate": percent(answered, invited)}

    @api.model
    def _by_survey(self, surveys):
        """Return {survey id: figures of all time} for the cards of surveys."""
        asked = self.env["nps.invitation"]._read_group(
            [("survey_id", "in", surveys.ids), ("sent_at", "!=", False)],
            ["survey_id"],
            ["__count", "answered_at:count"],
        )
        rates = {survey.id: counts for survey, *counts in asked}
        answers = {}
        for survey, category, count in self.env["nps.response"]._read_group(
            [("survey_id", "in", surveys.ids)], ["survey_id", "category"], ["__count"]
        ):
            answers.setdefault(survey.id, {})[category] = count
        return {
            number: summary(answers.get(number, {}))
            | {
                "invited": rates.get(number, (0, 0))[0],
                "response_rate": percent(*rates.get(number, (0, 0))[::-1]),
            }
            for number in surveys.ids
        }

    # ----------------------------------------------------------------------- groups
    @api.model
    def _grouped(self, name, date_from, date_to, domain=None):
        """Return [(value of a field of the answer, figures)]."""
        found = {}
        for value, category, count in self.env["nps.response"]._read_group(
            self._answers(date_from, date_to, domain), [name, "category"], ["__count"]
        ):
            found.setdefault(value, {})[category] = count
        return [(value, summary(counts)) for value, counts in found.items()]

    @api.model
    def _distribution(self, date_from, date_to, domain=None):
        """Return how many gave each score from 0 to 10."""
        found = dict(
            self.env["nps.response"]._read_group(
                self._answers(date_from, date_to, domain), ["score"], ["__count"]
            )
        )
        return [{"score": score, "count": found.get(score, 0)} for score in range(11)]

    @api.model
    def _answers_sql(self, date_from, date_to, domain=None):
        """Select the ids of the answers; its rules and companies apply."""
        query = self.env["nps.response"]._search(
            self._answers(date_from, date_to, domain)
        )
        return query.subselect()

    @api.model
    def _by_product_category(self, date_from, date_to, domain=None):
        """Return [(product.category id, figures)]: an answer about an order counts
        once for each category that the order has something of.
        """
        self.env.flush_all()
        # Distinct pairs over a join of four tables: _read_group has no such path.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT n.categ_id, %s FROM (
                    SELECT DISTINCT r.id, r.category, t.categ_id
                      FROM nps_response r
                      JOIN sale_order_line l ON l.order_id = r.order_id
                       AND l.display_type IS NULL
                      JOIN product_product p ON p.id = l.product_id
                      JOIN product_template t ON t.id = p.product_tmpl_id
                     WHERE r.id IN %s AND t.categ_id IS NOT NULL) n
                 GROUP BY 1
                """,
                COUNTS,
                self._answers_sql(date_from, date_to, domain),
            )
        )
        return [(row[0], _figures(row[1:])) for row in rows]

    # ------------------------------------------------------------------------ trend
    @api.model
    def _trend(self, interval, date_from, date_to, domain=None):
        """Return the figures of each period, those without an answer included."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT date_trunc(%s, n.responded_at AT TIME ZONE 'UTC'
                                      AT TIME ZONE %s)::date AS day, %s
                  FROM nps_response n WHERE n.id IN %s GROUP BY 1 ORDER BY 1
                """,
                interval,
                self.env.company.sudo().partner_id.tz or "UTC",
                COUNTS,
                self._answers_sql(date_from, date_to, domain),
            )
        )
        found = {row[0]: _figures(row[1:]) for row in rows}
        return [
            {"period": day, **found.get(day, summary({}))}
            for day in _periods(sorted(found), interval)
        ]

    # ------------------------------------------------------------------------- csat
    @api.model
    def _csat(self, date_from, date_to):
        """Return what was said of each kind of thing."""
        groups = {}
        for context, score, count in self.env["csat.response"]._read_group(
            self._period("responded_at", date_from, date_to),
            ["context_type", "score"],
            ["__count"],
        ):
            groups.setdefault(context, {})[score] = count
        field = self.env["csat.response"]._fields["context_type"]
        labels = dict(field._description_selection(self.env))
        return [
            {"context_type": key, "label": labels[key], **_content(groups[key])}
            for key, _label in CONTEXTS
            if key in groups
        ]


def _figures(counts):
    return summary(dict(zip(CATEGORY_KEYS, counts, strict=True)))


def _content(counts):
    """Mean, and the share of those who gave 4 or 5, the usual measure of CSAT."""
    total = sum(counts.values())
    points = sum(score * count for score, count in counts.items())
    happy = sum(count for score, count in counts.items() if score >= 4)
    return {
        "responses": total,
        "average": round(points / total, 2),
        "satisfied": percent(happy, total),
    }


def _periods(days, interval):
    """Return the first days of all periods from the first to the last of ``days``.

    >>> [str(day) for day in _periods([date(2026, 1, 1), date(2026, 3, 1)], "month")]
    ['2026-01-01', '2026-02-01', '2026-03-01']
    """
    if not days:
        return []
    found, day = [], days[0]
    while day <= days[-1]:
        found.append(day)
        day = _next(day, interval)
    return found


def _next(day, interval):
    if interval in ("day", "week"):
        return day + timedelta(days=7 if interval == "week" else 1)
    months = {"month": 1, "quarter": 3, "year": 12}[interval]
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
