from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.customer_lifecycle.tools.bounds import check_whole
from odoo.addons.customer_lifecycle.tools.text import is_storable

from ..const import CATEGORY_KEYS, TARGET
from .nps_figures import INTERVALS

MAX_ROWS = 200
CASES_SHOWN = 20
ONE_DAY = timedelta(days=1)


class NpsServiceReport(models.AbstractModel):
    """What the service tells: scores, trends, words and cases."""

    _name = "nps.service.report"
    _description = "Survey Service: reports"

    # ------------------------------------------------------------------- arguments
    @api.model
    def _check_period(self, date_from, date_to):
        """Return two dates, each None where there is no bound."""
        engine = self.env["lifecycle.engine"]
        engine._check_marketer()
        first = engine._check_date("date_from", date_from, None)
        last = engine._check_date("date_to", date_to, None)
        if first and last:
            engine._check_period(first, last)
        return first, last

    @api.model
    def _check_answers(self, domain):
        """Return a Domain on answers that the caller may ask.

        :raises ValidationError: it is none, naming the argument
        """
        if domain is None or domain is False:
            return Domain.TRUE
        text = str(domain) if isinstance(domain, list | tuple) else domain
        if not isinstance(text, str):
            text = repr(text)
        return self.env["journey.step.mixin"]._check_domain(
            "domain", text, "nps.response"
        )

    # ----------------------------------------------------------------------- scores
    @api.readonly
    @api.model
    def calculate_nps(self, date_from=None, date_to=None, domain=None):
        """Return the Net Promoter Score of the user's companies.

        NPS = 100 * (promoters - detractors) / responses. Its margin is half the 95 %
        confidence interval of a mean of +1, 0 and -1: 196 * sqrt((p + d - (p - d)^2)
        / n). Each answer counts, dated by the company's days.

        :param date_from: first day, ISO text or date; from the beginning by default
        :param date_to: last day; to the end by default
        :param domain: condition on ``nps.response``
        :return: dict with nps, promoters, passives, detractors, responses, margin,
            invitations (that left in the period) and response_rate (percent of these
            answered by now). nps, margin and rate are False, not 0, where there is
            nothing to measure: no answer, fewer than two, no invitation, or a
            condition on what only answers have
        :raises ValidationError: a date is no date, a condition is none
        :raises AccessError: the user is no marketer
        """
        period = self._check_period(date_from, date_to)
        return self.env["nps.figures"]._summary(*period, self._check_answers(domain))

    @api.readonly
    @api.model
    def get_trend(self, interval="month", date_from=None, date_to=None, domain=None):
        """Return the score over time.

        :param str interval: day, week, month, quarter or year; weeks begin on Mondays
        :param date_from: first day, ISO text or date
        :param date_to: last day
        :param domain: condition on ``nps.response``
        :return: list of dicts by time: period (its first day) and the figures as
            ``calculate_nps`` tells them, without the rate; a period without an answer
            in between is there, its nps False
        :raises ValidationError: unknown interval, a date is no date, no condition
        :raises AccessError: the user is no marketer
        """
        period = self._check_period(date_from, date_to)
        self.env["contact.policy"]._check_choice("interval", interval, INTERVALS)
        figures = self.env["nps.figures"]
        trend = figures._trend(interval, *period, self._check_answers(domain))
        return self.env["lifecycle.engine"]._as_json(trend)

    # -------------------------------------------------------------------- dashboard
    @api.model
    def get_dashboard(self, date_from=None, date_to=None, survey_id=None):
        """Return all that the dashboard shows.

        :param date_from: first day, ISO text or date; 30 days by default
        :param date_to: last day; today by default
        :param int survey_id: id of one survey; all by default
        :return: dict with nps (as ``calculate_nps``), previous (the period of the same
            length before), target, months and weeks (as ``get_trend``),
            distribution (list of score, count), stages, tiers and product_categories
            (lists of key, label and figures), csat (list of context_type, label,
            responses, average, satisfied), cases (open, overdue, unassigned, oldest in
            days, hours: mean until closed, rows), surveys (list of id, name)
        :raises ValidationError: a date is no date, the survey is unknown
        :raises AccessError: the user is no marketer
        """
        engine = self.env["lifecycle.engine"]
        engine._check_marketer()
        first, last = engine._check_period(date_from, date_to)
        domain = self._survey_domain(survey_id)
        figures = self.env["nps.figures"]
        before = first - (last - first) - ONE_DAY
        policy = engine._policies()[:1]
        return engine._as_json(
            {
                "nps": figures._summary(first, last, domain),
                "previous": figures._summary(before, first - ONE_DAY, domain),
                "target": policy.nps_target if policy else TARGET,
                "months": figures._trend("month", first, last, domain),
                "weeks": figures._trend("week", first, last, domain),
                "distribution": figures._distribution(first, last, domain),
                "stages": self._by_stage(first, last, domain),
                "tiers": self._by_tier(first, last, domain),
                "product_categories": self._by_category(first, last, domain),
                "csat": figures._csat(first, last),
                "cases": self._cases(first, last),
                "surveys": self._surveys(),
            }
        )

    def _survey_domain(self, survey_id):
        if survey_id is None or survey_id is False:
            return Domain.TRUE
        (number,) = self.env["lifecycle.engine"]._check_ids("survey_id", [survey_id])
        if not self.env["nps.survey"].search_count([("id", "=", number)], limit=1):
            raise ValidationError(
                self.env._("survey_id: there is no survey %s.", number)
            )
        return Domain("survey_id", "=", number)

    def _surveys(self):
        surveys = self.env["nps.survey"].with_context(active_test=False)
        found = surveys.search([("company_id", "in", self.env.companies.ids)])
        return [{"id": survey.id, "name": survey.name} for survey in found]

    def _by_stage(self, *period):
        field = self.env["nps.response"]._fields["stage"]
        labels = dict(field._description_selection(self.env))
        found = dict(self.env["nps.figures"]._grouped("stage", *period))
        return [
            {"key": key, "label": label, **found[key]}
            for key, label in labels.items()
            if key in found
        ]

    def _by_tier(self, *period):
        labels = {}
        field = self.env["customer.lifecycle"]._fields.get("loyalty_tier")
        if field:
            labels = dict(field._description_selection(self.env))
        found = dict(self.env["nps.figures"]._grouped("tier", *period))
        order = [*labels, *sorted(set(found) - set(labels) - {False})]
        return [
            {"key": key, "label": labels.get(key, key), **found[key]}
            for key in order
            if key in found
        ]

    def _by_category(self, *period):
        found = dict(self.env["nps.figures"]._by_product_category(*period))
        names = self.env["product.category"].sudo().browse(found)
        rows = [
            {"key": categ.id, "label": categ.display_name, **found[categ.id]}
            for categ in names
        ]
        return sorted(rows, key=lambda row: (-row["responses"], row["label"]))

    # ------------------------------------------------------------------------ cases
    def _cases(self, first, last):
        cases = self.env["nps.case"]
        mine = Domain("company_id", "in", self.env.companies.ids)
        found = cases.search(mine & Domain("state", "=", "open"), order="opened_at, id")
        closed = self.env["nps.figures"]._period("closed_at", first, last)
        ((hours, count),) = cases._read_group(
            closed & Domain("state", "=", "closed"),
            [],
            ["hours_to_close:avg", "__count"],
        )
        return {
            "open": len(found),
            "overdue": len(found.filtered("is_overdue")),
            "unassigned": len(found.filtered(lambda case: not case.user_id)),
            "oldest": max(found.mapped("age_days"), default=0),
            "hours": round(hours or 0, 1) if count else False,
            "rows": [self._case_row(case) for case in found[:CASES_SHOWN]],
        }

    def _case_row(self, case):
        return {
            "id": case.id,
            "customer_id": case.customer_id.id,
            "customer": case.customer_id.display_name,
            "score": case.score,
            "age_days": case.age_days,
            "user": case.user_id.name or "",
            "is_overdue": case.is_overdue,
            "words": case.followup_response or "",
        }

    # ------------------------------------------------------------------------ words
    @api.readonly
    @api.model
    def get_verbatims(
        self,
        date_from=None,
        date_to=None,
        category=None,
        search=None,
        limit=20,
        offset=0,
        survey_id=None,
    ):
        """Return what customers said in their words, the newest first.

        :param date_from: first day, ISO text or date
        :param date_to: last day
        :param str category: promoter, passive or detractor; all by default
        :param str search: only texts with it in them
        :param int limit: 1 to 200
        :param int offset: how many to leave out
        :param int survey_id: id of one survey; all by default
        :return: dict with total and rows: list of id, customer_id, customer, score,
            category, text, responded_at, survey
        :raises ValidationError: unknown category, numbers out of range
        :raises AccessError: the user is no marketer
        """
        domain = self._words_domain(date_from, date_to, survey_id)
        limit, offset = self._check_page(limit, offset)
        if category is not None and category is not False:
            self.env["contact.policy"]._check_choice(
                "category", category, CATEGORY_KEYS
            )
            domain &= Domain("category", "=", category)
        if search is not None and search is not False and search != "":
            domain &= self._like(str(search)[:200])
        responses = self.env["nps.response"]
        rows = responses.search(domain, limit=limit, offset=offset)
        return {
            "total": responses.search_count(domain),
            "rows": [self._word_row(row) for row in rows],
        }

    def _like(self, words):
        if is_storable(words):
            return Domain("followup_response", "ilike", words)
        raise ValidationError(
            self.env._("search: %s is not allowed; allowed is a text.", repr(words))
        )

    def _words_domain(self, date_from, date_to, survey_id):
        period = self._check_period(date_from, date_to)
        domain = self.env["nps.figures"]._answers(*period)
        domain &= Domain("followup_response", "!=", False)
        return domain & self._survey_domain(survey_id)

    def _every_verbatim(self, date_from, date_to, survey_id):
        """Return the words of a period as rows, for a file."""
        first, last = self.env["lifecycle.engine"]._check_period(date_from, date_to)
        domain = self._words_domain(first, last, survey_id)
        return [self._word_row(row) for row in self.env["nps.response"].search(domain)]

    @api.model
    def _check_page(self, limit, offset):
        for name, value, low, high in (
            ("limit", limit, 1, MAX_ROWS),
            ("offset", offset, 0, 10**9),
        ):
            check_whole(self.env, name, value, low, high)
        return limit, offset

    def _word_row(self, response):
        return {
            "id": response.id,
            "customer_id": response.customer_id.id,
            "customer": response.customer_id.display_name,
            "score": response.score,
            "category": response.category,
            "text": response.followup_response,
            "responded_at": fields.Datetime.to_string(response.responded_at),
            "survey": response.survey_id.name,
        }
