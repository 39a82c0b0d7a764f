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
        # What was at stake then nobody wrote down.
        previous = self._kpi_values(*before) | {"revenue_at_risk": False}
        return [
            kpi | {"value": now[kpi["key"]], "previous": previous[kpi["key"]]}
            for kpi in self._kpi_cards(date_from, date_to)
        ]

    def _kpi_cards(self, date_from, date_to):
        """Label, target and unit of each card; the domain behind it."""
        policy = self._policies()[:1]
        cards = {
            "retention": (self.env._("Retention"), policy.retention_target, "%"),
            "onboarding_completion": (
                self.env._("Onboarding completion"),
                policy.onboarding_target,
                "%",
            ),
            "winback": (self.env._("Win-back"), policy.winback_target, "%"),
            "new_customers": (self.env._("New customers"), False, ""),
            "revenue": (self.env._("Revenue"), False, "currency"),
            "revenue_at_risk": (self.env._("Revenue at stake"), False, "currency"),
        }
        domains = self._kpi_domains(date_from, date_to)
        return [
            {
                "key": key,
                "label": label,
                "target": target,
                "unit": unit,
                "domain": domains.get(key, False),
            }
            for key, (label, target, unit) in cards.items()
        ]

    def _kpi_domains(self, date_from, date_to):
        """Return {key: domain on customer.lifecycle} of the cards one can click."""
        bounds = self._bounds(date_from, date_to)
        start, end = map(fields.Datetime.to_string, bounds)

        def within(field):
            return [(field, ">=", start), (field, "<", end)]

        return {
            "retention": [
                ("current_stage", "=", "churned"),
                *within("stage_changed_at"),
            ],
            "onboarding_completion": within("onboarding_started_at"),
            "winback": within("won_back_at"),
            "new_customers": [
                ("customer_since", ">=", date_from.isoformat()),
                ("customer_since", "<=", date_to.isoformat()),
            ],
            "revenue_at_risk": [("current_stage", "=", "at_risk")],
        }

    def _kpi_values(self, date_from, date_to):
        start, end = self._bounds(date_from, date_to)
        moves = self._moves_between(start, end)
        onboarding = self._onboarding_between(start, end)
        lifecycle = self.env["customer.lifecycle"]
        born = [("customer_since", ">=", date_from), ("customer_since", "<=", date_to)]
        at_risk = [("current_stage", "=", "at_risk")]
        stake = lifecycle._read_group(at_risk, [], ["revenue_at_stake:sum"])[0][0]
        return {
            "retention": self._percent(moves["kept"], moves["stayed"]),
            "onboarding_completion": self._percent(*onboarding),
            "winback": self._percent(moves["returned"], moves["lapsed"]),
            "new_customers": lifecycle.search_count(born),
            "revenue": self._revenue_between(start, end),
            "revenue_at_risk": float(stake or 0.0),
        }

    def _percent(self, part, whole):
        return round(max(100.0 * part / whole, 0.0), 1) if whole else False

    def _moves_between(self, start, end):
        """Count customers by where they were at ``start`` and where they went.

        Per customer, so that nobody who churned and came back twice counts twice. The
        stage at ``start`` is what the first move since then left, else today's; of a
        customer whose row is younger than that it is not known.

        :return: dict of counts: stayed (not churned at the start), kept (of them: not
            churned in the period either), lapsed (at the start or in the period),
            returned (of them: came back in the period)
        """
        self.env.cr.execute(self._moves_query(start, end))
        return self.env.cr.dictfetchone()

    def _moves_query(self, start, end):
        return SQL(
            """
            WITH moved AS (
                SELECT h.lifecycle_id,
                       (array_agg(h.from_stage ORDER BY h.transitioned_at, h.id))[1]
                           AS stage,
                       bool_or(i.inside AND h.to_stage = 'churned') AS churned,
                       bool_or(i.inside AND h.to_stage = ANY(%(lapsed)s)) AS lapsed,
                       bool_or(i.inside AND h.to_stage = 'won_back') AS returned
                  FROM lifecycle_stage_history h
                 CROSS JOIN LATERAL (
                       SELECT h.transitioned_at < %(end)s AS inside) i
                 WHERE h.company_id = ANY(%(companies)s)
                   AND h.transitioned_at >= %(start)s
                 GROUP BY h.lifecycle_id
            ), customer AS (
                SELECT CASE WHEN l.create_date < %(start)s
                            THEN coalesce(m.stage, l.current_stage) END AS stage,
                       m.churned, m.lapsed, m.returned
                  FROM customer_lifecycle l
                  LEFT JOIN moved m ON m.lifecycle_id = l.id
                 WHERE l.company_id = ANY(%(companies)s)
            )
            SELECT count(*) FILTER (WHERE stage <> 'churned') AS stayed,
                   count(*) FILTER (WHERE stage <> 'churned'
                                      AND churned IS NOT TRUE) AS kept,
                   count(*) FILTER (WHERE stage = ANY(%(lapsed)s)
                                       OR lapsed OR returned) AS lapsed,
                   count(*) FILTER (WHERE returned) AS returned
              FROM customer
            """,
            start=start,
            end=end,
            lapsed=list(LAPSED),
            companies=self.env.companies.ids,
        )

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
