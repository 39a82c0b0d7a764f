from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

LAPSED = ("dormant", "churned")
# What a customer's moves of a period led to.
FLAGS = {"churned": ["churned"], "lapsed": list(LAPSED), "returned": ["won_back"]}


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
        now, previous = self._kpi_values(date_from, date_to)
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

        def moved_to(stage):
            moves = [("to_stage", "=", stage), *within("transitioned_at")]
            return [("stage_history_ids", "any", moves)]

        orders = [("state", "=", "sale"), *within("date_order")]
        return {
            "retention": moved_to("churned"),
            "onboarding_completion": within("onboarding_started_at"),
            "winback": moved_to("won_back"),
            "revenue": [("order_ids", "any", orders)],
            "new_customers": [
                ("customer_since", ">=", date_from.isoformat()),
                ("customer_since", "<=", date_to.isoformat()),
            ],
            "revenue_at_risk": [("current_stage", "=", "at_risk")],
        }

    def _kpi_values(self, date_from, date_to):
        """Return the figures of the period and those of the one before, as dicts."""
        days = (date_to - date_from).days + 1
        before = date_from - timedelta(days=days)
        start, end = self._bounds(date_from, date_to)
        bounds = (self._bounds(before, date_to)[0], start, end)
        revenues = self._revenues(*bounds)
        lifecycle = self.env["customer.lifecycle"]
        at_risk = [("current_stage", "=", "at_risk")]
        stake = lifecycle._read_group(at_risk, [], ["revenue_at_stake:sum"])[0][0]
        periods = [
            ("", date_from, date_to, bounds[1:], float(stake or 0.0)),
            # What was at stake then nobody wrote down.
            ("_before", before, date_from - timedelta(days=1), bounds[:2], False),
        ]
        moves = self._moves(*bounds)
        return [
            {
                "retention": self._percent(moves[f"kept{p}"], moves[f"stayed{p}"]),
                "onboarding_completion": self._percent(*self._onboardings(*moments)),
                "winback": self._percent(moves[f"returned{p}"], moves[f"lapsed{p}"]),
                "new_customers": lifecycle.search_count(
                    [("customer_since", ">=", first), ("customer_since", "<=", last)]
                ),
                "revenue": revenues[f"revenue{p}"],
                "revenue_at_risk": at_stake,
            }
            for p, first, last, moments, at_stake in periods
        ]

    def _percent(self, part, whole):
        return round(max(100.0 * part / whole, 0.0), 1) if whole else False

    def _moves(self, before, start, end):
        """Count customers by where they were and where they went, in two periods.

        Per customer, so that nobody who churned and came back twice counts twice. The
        stage at a moment is what the first move since then left, else today's; of a
        customer whose row is younger than that it is not known. Only moves from or
        to a lapsed stage matter: before the first of them, who is lapsed now was so.
        Lists leave the archived out, and so do these counts.

        :param datetime before: UTC start of the period before ``start``
        :param datetime end: UTC end of the period that begins with ``start``
        :return: dict of counts: stayed (not churned at the start), kept (of them: not
            churned in the period either), lapsed (at the start or in the period),
            returned (of them: came back in the period); the same with ``_before``
        """
        self.env.cr.execute(
            SQL(
                """WITH moved AS MATERIALIZED (%(moved)s)
                SELECT %(now)s, %(previous)s
                  FROM customer_lifecycle l
                  LEFT JOIN moved m ON m.lifecycle_id = l.id
                 CROSS JOIN LATERAL (SELECT
                       CASE WHEN l.create_date < %(start)s
                            THEN coalesce(m.stage, l.current_stage) END AS stage,
                       CASE WHEN l.create_date < %(before)s
                            THEN coalesce(m.stage_before, m.stage, l.current_stage)
                            END AS stage_before) s
                 WHERE l.company_id = ANY(%(companies)s) AND l.customer_id NOT IN (
                       SELECT id FROM res_partner WHERE active IS NOT TRUE)
                """,
                moved=self._moved_query(before, start, end),
                now=self._move_counts(""),
                previous=self._move_counts("_before"),
                before=before,
                start=start,
                companies=self.env.companies.ids,
            )
        )
        return self.env.cr.dictfetchone()

    def _move_counts(self, suffix):
        stage, churned, lapsed, returned = (
            SQL.identifier(name + suffix)
            for name in ("stage", "churned", "lapsed", "returned")
        )
        conditions = {
            "stayed": SQL("s.%s <> 'churned'", stage),
            "kept": SQL("s.%s <> 'churned' AND m.%s IS NOT TRUE", stage, churned),
            "lapsed": SQL(
                "s.%s = ANY(%s) OR m.%s OR m.%s", stage, list(LAPSED), lapsed, returned
            ),
            "returned": SQL("m.%s", returned),
        }
        return SQL(", ").join(
            SQL("count(*) FILTER (WHERE %s) AS %s", rule, SQL.identifier(name + suffix))
            for name, rule in conditions.items()
        )

    def _moved_query(self, before, start, end):
        """Select per customer the stage left first, and where the moves led."""
        period, previous = SQL("h.is_now AND h.is_inside"), SQL("NOT h.is_now")
        return SQL(
            """
            SELECT h.lifecycle_id,
                   max(h.from_stage) FILTER (WHERE h.place = 1 AND h.is_now) AS stage,
                   max(h.from_stage) FILTER (WHERE h.place = 1 AND NOT h.is_now)
                       AS stage_before, %(flags)s
              FROM (
                SELECT lifecycle_id, from_stage, to_stage,
                       transitioned_at >= %(start)s AS is_now,
                       transitioned_at < %(end)s AS is_inside,
                       row_number() OVER (
                           PARTITION BY lifecycle_id, transitioned_at >= %(start)s
                           ORDER BY transitioned_at, id) AS place
                  FROM lifecycle_stage_history
                 WHERE company_id = ANY(%(companies)s)
                   AND transitioned_at >= %(before)s
                   AND (from_stage = ANY(%(lapsed)s)
                        OR to_stage = ANY(%(lapsed)s) OR to_stage = 'won_back')) h
             GROUP BY h.lifecycle_id
            """,
            flags=SQL(", ").join(
                SQL(
                    "bool_or(%s AND h.to_stage = ANY(%s)) AS %s",
                    period if not suffix else previous,
                    stages,
                    SQL.identifier(name + suffix),
                )
                for suffix in ("", "_before")
                for name, stages in FLAGS.items()
            ),
            before=before,
            start=start,
            end=end,
            lapsed=list(LAPSED),
            companies=self.env.companies.ids,
        )

    def _onboardings(self, start, end):
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

    def _revenues(self, before, start, end):
        """Return the revenue of [start, end) and, as ``_before``, of the time before.

        In SQL: the amounts of all order sources in company currency.
        """
        sources = self.env["customer.lifecycle"]._order_facts_queries()
        self.env.cr.execute(
            SQL(
                """
                SELECT sum(o.amount) FILTER (WHERE o.ordered_at >= %(start)s)
                           AS revenue,
                       sum(o.amount) FILTER (WHERE o.ordered_at < %(start)s)
                           AS revenue_before
                  FROM (%(sources)s) o
                 WHERE o.ordered_at >= %(before)s AND o.ordered_at < %(end)s
                   AND o.company_id = ANY(%(companies)s)
                """,
                sources=SQL(" UNION ALL ").join(sources),
                before=before,
                start=start,
                end=end,
                companies=self.env.companies.ids,
            )
        )
        found = self.env.cr.dictfetchone()
        return {name: round(float(value or 0.0), 2) for name, value in found.items()}
