from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import STAGE_KEYS
from ..tools.clock import parse_day, start_of_day

DEFAULT_DAYS = 30
MAX_COHORTS = 18


class LifecycleDashboard(models.AbstractModel):
    """The figures of the dashboard: rows as they are, history, aggregate tables."""

    _inherit = "lifecycle.engine"

    @api.model
    def get_dashboard(self, date_from=None, date_to=None):
        """Return the dashboard of the user's current companies.

        :param date_from: first day of the period, ISO text or date; 30 days by default
        :param date_to: last day of the period; today by default
        :return: dict with kpis (list of key, label, value, target, unit, previous,
            domain), stages (list of stage, label, customers, revenue, buyers), flow
            (list of from, to, count), trend (list of date, customers by stage),
            funnel (list of key, label, count, domain), cohorts (list of cohort,
            customers, active: share of them who ordered in each month since, 0 to 1)
        :raises ValidationError: a date is no date, or the period ends before it starts
        :raises AccessError: the user is no marketer
        """
        self._check_marketer()
        period = self._check_period(date_from, date_to)
        self.env.flush_all()
        stages = self._dashboard_stages()
        return self._as_json(
            {
                "kpis": self._dashboard_kpis(*period),
                "stages": stages,
                "flow": self._dashboard_flow(*period),
                "trend": self._dashboard_trend(*period),
                "funnel": self._dashboard_funnel(stages),
                "cohorts": self._dashboard_cohorts(),
            }
        )

    @api.model
    def get_bounds(self, date_from, date_to):
        """Return when a period of the current company's days starts and ends.

        :param date_from: first day, ISO text or date
        :param date_to: last day
        :return: list of two texts, UTC, like ``2026-01-31 18:00:00``; the end is the
            first moment after the period
        :raises ValidationError: a date is no date, or the period ends before it starts
        :raises AccessError: the user is no marketer
        """
        self._check_marketer()
        period = self._check_period(date_from, date_to)
        return [fields.Datetime.to_string(moment) for moment in self._bounds(*period)]

    def _check_period(self, date_from, date_to):
        last = self._check_date("date_to", date_to, fields.Date.context_today(self))
        default = last - timedelta(days=DEFAULT_DAYS - 1)
        first = self._check_date("date_from", date_from, default)
        if first > last:
            raise ValidationError(
                self.env._(
                    "date_from (%(first)s) lies after date_to (%(last)s).",
                    first=first,
                    last=last,
                )
            )
        return first, last

    def _check_date(self, name, value, default):
        try:
            return parse_day(value, default)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is no date of this age, like 2026-01-31.",
                    name=name,
                    value=repr(value)[:50],
                )
            ) from None

    def _bounds(self, date_from, date_to):
        """Return when the period starts and ends, in UTC: days are the company's."""
        zone = self.env.company.sudo().partner_id.tz
        after = date_to + timedelta(days=1)
        return start_of_day(date_from, zone), start_of_day(after, zone)

    # ---------------------------------------------------------------------- charts
    def _stage_labels(self):
        field = self.env["customer.lifecycle"]._fields["current_stage"]
        return dict(field._description_selection(self.env))

    def _dashboard_stages(self):
        groups = self.env["customer.lifecycle"]._read_group(
            [],
            ["current_stage"],
            ["__count", "total_revenue:sum", "first_order_date:count"],
        )
        found = {stage: figures for stage, *figures in groups}
        labels = self._stage_labels()
        return [
            {
                "stage": key,
                "label": labels[key],
                "customers": customers,
                "revenue": float(revenue),
                "buyers": buyers,
            }
            for key in STAGE_KEYS
            for customers, revenue, buyers in [found.get(key, (0, 0.0, 0))]
        ]

    def _dashboard_flow(self, date_from, date_to):
        start, end = self._bounds(date_from, date_to)
        groups = self.env["lifecycle.stage.history"]._read_group(
            [
                ("company_id", "in", self.env.companies.ids),
                ("transitioned_at", ">=", start),
                ("transitioned_at", "<", end),
            ],
            ["from_stage", "to_stage"],
            ["__count"],
        )
        return [
            {"from": source, "to": target, "count": count}
            for source, target, count in groups
        ]

    def _dashboard_trend(self, date_from, date_to):
        groups = self.env["lifecycle.daily.stat"]._read_group(
            [
                ("company_id", "in", self.env.companies.ids),
                ("date", ">=", date_from),
                ("date", "<=", date_to),
            ],
            ["date:day", "stage"],
            ["customers:sum"],
        )
        days = {}
        for day, stage, customers in groups:
            days.setdefault(day, dict.fromkeys(STAGE_KEYS, 0))[stage] = customers
        return [{"date": day, "customers": days[day]} for day in sorted(days)]

    def _dashboard_funnel(self, stages):
        """Return the funnel, from what has been counted for the ``stages`` above."""

        def count(figure, among=STAGE_KEYS):
            return sum(row[figure] for row in stages if row["stage"] in among)

        active = ["active", "engaged", "won_back"]
        steps = [
            ("acquired", self.env._("Acquired"), count("customers"), []),
            (
                "first_order",
                self.env._("First order"),
                count("buyers"),
                [("total_orders", ">", 0)],
            ),
            (
                "active",
                self.env._("Active"),
                count("customers", active),
                [("current_stage", "in", active)],
            ),
            (
                "engaged",
                self.env._("Highly engaged"),
                count("customers", ["engaged"]),
                [("current_stage", "=", "engaged")],
            ),
        ]
        return [
            {"key": key, "label": label, "count": number, "domain": domain}
            for key, label, number, domain in steps
        ]

    def _dashboard_cohorts(self):
        groups = self.env["lifecycle.cohort.stat"]._read_group(
            [("company_id", "in", self.env.companies.ids)],
            ["cohort:month", "period"],
            ["customers:sum", "active_customers:sum"],
            order="cohort:month desc, period",
        )
        cohorts = {}
        for cohort, _period, customers, active in groups:
            row = cohorts.setdefault(
                cohort, {"cohort": cohort, "customers": customers, "active": []}
            )
            row["active"].append(round(active / customers, 4) if customers else 0)
        return list(cohorts.values())[:MAX_COHORTS][::-1]
