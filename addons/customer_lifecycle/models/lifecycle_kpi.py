from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

LAPSED = ("dormant", "churned")


class LifecycleKpi(models.AbstractModel):
    """The KPI cards of the dashboard."""

    _inherit = "lifecycle.engine"

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
        period = [
            fields.Datetime.to_string(m) for m in self._bounds(date_from, date_to)
        ]

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
            [
                ("onboarding_started_at", ">=", start),
                ("onboarding_started_at", "<", end),
            ],
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
