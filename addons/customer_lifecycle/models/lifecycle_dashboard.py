from datetime import date, datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import STAGE_KEYS

DEFAULT_DAYS = 30
MAX_COHORTS = 18
LAPSED = ("dormant", "churned")


class LifecycleDashboard(models.AbstractModel):
    """The figures of the dashboard: rows as they are, history, aggregate tables."""

    _inherit = "lifecycle.engine"

    @api.model
    def get_dashboard(self, date_from=None, date_to=None):
        """Return the dashboard of the user's current companies.

        :param date_from: first day of the period, ISO text or date; 30 days by default
        :param date_to: last day of the period; today by default
        :return: dict with kpis (list of key, label, value, target, unit, previous,
            domain), stages (list of stage, label, customers, revenue), flow (list of
            from, to, count), trend (list of date, customers by stage), funnel (list
            of key, label, count, domain), cohorts (list of cohort, customers,
            active: share of them who ordered in each month since, 0 to 1)
        :raises ValidationError: a date is no date, or the period ends before it starts
        :raises AccessError: the user is no marketer
        """
        self._check_marketer()
        period = self._check_period(date_from, date_to)
        self.env.flush_all()
        return self._as_json(
            {
                "kpis": self._dashboard_kpis(*period),
                "stages": self._dashboard_stages(),
                "flow": self._dashboard_flow(*period),
                "trend": self._dashboard_trend(*period),
                "funnel": self._dashboard_funnel(),
                "cohorts": self._dashboard_cohorts(),
            }
        )

    def _check_period(self, date_from, date_to):
        last = self._check_date("date_to", date_to, fields.Date.context_today(self))
        default = last - timedelta(days=DEFAULT_DAYS - 1)
        first = self._check_date("date_from", date_from, default)
        if first > last:
            raise ValidationError(
                self.env._("date_from (%(first)s) lies after date_to (%(last)s).")
                % {"first": first, "last": last}
            )
        return first, last

    def _check_date(self, name, value, default):
        if not value:
            return default
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is no date like 2026-01-31.",
                    name=name,
                    value=repr(value)[:50],
                )
            ) from None
        return day.date() if isinstance(day, datetime) else day

    # ------------------------------------------------------------------------ KPIs
    @api.model
    def _dashboard_kpis(self, date_from, date_to):
        """Return the KPI cards; an addon adds its own.

        :return: list of dicts: key, label, value (number or False when there is
            nothing to measure), target (number or False), unit (``%``, ``currency``
            or empty), previous (value of the period of the same length before) and
            domain on ``customer.lifecycle`` for the click (False: not clickable)
        """
        days = (date_to - date_from).days + 1
        before = (date_from - timedelta(days=days), date_from - timedelta(days=1))
        now = self._kpi_values(date_from, date_to)
        previous = self._kpi_values(*before)
        return [
            kpi | {"value": now[kpi["key"]], "previous": previous[kpi["key"]]}
            for kpi in self._kpi_cards(date_from, date_to)
        ]

    def _kpi_cards(self, date_from, date_to):
        policy = self._policies()[:1]
        period = [fields.Datetime.to_string(m) for m in self._bounds(date_from, date_to)]

        def card(key, label, target, unit, domain):
            values = {"key": key, "label": label, "target": target}
            return values | {"unit": unit, "domain": domain}

        moved = [
            ("stage_changed_at", ">=", period[0]),
            ("stage_changed_at", "<", period[1]),
        ]
        return [
            card(
                "retention",
                self.env._("Retention"),
                policy.retention_target,
                "%",
                [("current_stage", "=", "churned"), *moved],
            ),
            card(
                "onboarding_completion",
                self.env._("Onboarding completion"),
                policy.onboarding_target,
                "%",
                [
                    ("onboarding_started_at", ">=", period[0]),
                    ("onboarding_started_at", "<", period[1]),
                ],
            ),
            card(
                "winback",
                self.env._("Win-back"),
                policy.winback_target,
                "%",
                [("won_back_at", ">=", period[0]), ("won_back_at", "<", period[1])],
            ),
            card(
                "new_customers",
                self.env._("New customers"),
                False,
                "",
                [
                    ("customer_since", ">=", date_from.isoformat()),
                    ("customer_since", "<=", date_to.isoformat()),
                ],
            ),
            card("revenue", self.env._("Revenue"), False, "currency", False),
            card(
                "revenue_at_risk",
                self.env._("Revenue at stake"),
                False,
                "currency",
                [("current_stage", "=", "at_risk")],
            ),
        ]

    def _bounds(self, date_from, date_to):
        start = datetime.combine(date_from, time.min)
        return start, datetime.combine(date_to + timedelta(days=1), time.min)

    def _kpi_values(self, date_from, date_to):
        start, end = self._bounds(date_from, date_to)
        stayed, lapsed = self._stages_at(date_from)
        moves = self._moves_into(("churned", "won_back"), start, end)
        churned, returned = moves["churned"], moves["won_back"]
        onboarding = self._onboarding_between(start, end)
        lifecycle = self.env["customer.lifecycle"]
        born = [("customer_since", ">=", date_from), ("customer_since", "<=", date_to)]
        at_risk = [("current_stage", "=", "at_risk")]
        stake = lifecycle._read_group(at_risk, [], ["revenue_at_stake:sum"])[0][0]
        return {
            "retention": self._percent(stayed - churned, stayed),
            "onboarding_completion": self._percent(*onboarding),
            "winback": self._percent(returned, lapsed),
            "new_customers": lifecycle.search_count(born),
            "revenue": self._revenue_between(start, end),
            "revenue_at_risk": float(stake or 0.0),
        }

    def _percent(self, part, whole):
        return round(max(100.0 * part / whole, 0.0), 1) if whole else False

    def _stages_at(self, day):
        """Return (customers not churned, customers lapsed) at the start of ``day``.

        From the last daily figures before it; without any, from today's rows.
        """
        stat = self.env["lifecycle.daily.stat"]
        companies = [("company_id", "in", self.env.companies.ids)]
        last = stat.search([*companies, ("date", "<", day)], limit=1).date
        domain = [*companies, ("date", "=", last)]
        counts = dict(stat._read_group(domain, ["stage"], ["customers:sum"]))
        if not counts:
            counts = self.get_stage_counts()
        lapsed = sum(counts.get(stage, 0) for stage in LAPSED)
        return sum(counts.values()) - counts.get("churned", 0), lapsed

    def _moves_into(self, stages, start, end):
        groups = self.env["lifecycle.stage.history"]._read_group(
            [
                ("company_id", "in", self.env.companies.ids),
                ("transitioned_at", ">=", start),
                ("transitioned_at", "<", end),
                ("to_stage", "in", stages),
            ],
            ["to_stage"],
            ["customer_id:count_distinct"],
        )
        return dict.fromkeys(stages, 0) | dict(groups)

    def _onboarding_between(self, start, end):
        groups = self.env["customer.lifecycle"]._read_group(
            [("onboarding_started_at", ">=", start), ("onboarding_started_at", "<", end)],
            ["onboarding_status"],
            ["__count"],
        )
        counts = dict(groups)
        return counts.get("completed", 0), sum(counts.values())

    def _revenue_between(self, start, end):
        # SQL: the amounts of all order sources in company currency.
        sources = self.env["customer.lifecycle"]._order_facts_queries()
        self.env.cr.execute(
            SQL(
                """
                SELECT sum(o.amount) FROM (%s) o
                 WHERE o.ordered_at >= %s AND o.ordered_at < %s
                   AND o.company_id = ANY(%s)
                """,
                SQL(" UNION ALL ").join(sources),
                start,
                end,
                self.env.companies.ids,
            )
        )
        return round(float(self.env.cr.fetchone()[0] or 0.0), 2)

    # ---------------------------------------------------------------------- charts
    def _stage_labels(self):
        field = self.env["customer.lifecycle"]._fields["current_stage"]
        return dict(field._description_selection(self.env))

    def _dashboard_stages(self):
        groups = self.env["customer.lifecycle"]._read_group(
            [],
            ["current_stage"],
            ["__count", "total_revenue:sum"],
        )
        found = {stage: (count, float(revenue)) for stage, count, revenue in groups}
        labels = self._stage_labels()
        return [
            {
                "stage": key,
                "label": labels[key],
                "customers": found.get(key, (0, 0.0))[0],
                "revenue": found.get(key, (0, 0.0))[1],
            }
            for key in STAGE_KEYS
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

    def _dashboard_funnel(self):
        steps = [
            ("acquired", self.env._("Acquired"), []),
            ("first_order", self.env._("First order"), [("total_orders", ">", 0)]),
            (
                "active",
                self.env._("Active"),
                [("current_stage", "in", ["active", "engaged", "won_back"])],
            ),
            (
                "engaged",
                self.env._("Highly engaged"),
                [("current_stage", "=", "engaged")],
            ),
        ]
        lifecycle = self.env["customer.lifecycle"]
        return [
            {
                "key": key,
                "label": label,
                "count": lifecycle.search_count(domain),
                "domain": domain,
            }
            for key, label, domain in steps
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
