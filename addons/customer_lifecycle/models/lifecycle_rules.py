from odoo import api, models
from odoo.tools import SQL

from ..const import NEVER
from ..tools.score import least_after
from ..tools.stage_rules import COLUMNS, RULES
from .lifecycle_facts import STALE, TREND_DAYS
from .lifecycle_policy import RULE_FIELDS


class LifecycleRules(models.AbstractModel):
    """Stage, scores and next change of many customers in one query.

    The query is built in layers, each a subquery that names what the next one uses.
    ``OFFSET 0`` keeps PostgreSQL from folding the layers into each other, which
    would compute ``d`` or ``score`` again at every use.
    """

    _name = "lifecycle.rules"
    _description = "Lifecycle Rules"

    # ---------------------------------------------------------------------- layers
    @api.model
    def _policy_relation(self, now, values=None):
        """Select the policies with today's date in the company's time zone.

        :param datetime now: UTC
        :param dict values: replaces the stored thresholds (preview)
        """
        columns = [
            SQL("%s AS %s", values[name], SQL.identifier(name))
            if values and name in values
            else SQL("lp.%s", SQL.identifier(name))
            for name in RULE_FIELDS
        ]
        return SQL(
            """
            SELECT lp.company_id, coalesce(cp.tz, 'UTC') AS tz,
                   (%(now)s::timestamp AT TIME ZONE 'UTC'
                        AT TIME ZONE coalesce(cp.tz, 'UTC'))::date AS today,
                   %(columns)s
              FROM lifecycle_policy lp
              JOIN res_company rc ON rc.id = lp.company_id
              JOIN res_partner cp ON cp.id = rc.partner_id
            """,
            now=now,
            columns=SQL(", ").join(columns),
        )

    def _verdict_query(self, scope, now, values=None):
        """Select everything there is to know about the rows in ``scope``.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: UTC
        :param dict values: policy values to try instead of the stored ones
        """
        parts = self._engagement_score_parts()
        query = self._base_layer(scope, now, values)
        query = self._layer(query, self._silence_columns() + self._then_columns())
        query = self._layer(query, self._part_columns(parts))
        query = self._layer(query, self._score_columns(parts))
        query = self._layer(query, self._rule_columns())
        return self._layer(query, self._stage_columns())

    def _layer(self, query, columns):
        return SQL(
            "SELECT s.*, %s FROM (%s) s OFFSET 0", SQL(", ").join(columns), query
        )

    def _stored_columns(self):
        names = list(COLUMNS)
        for part in self._engagement_score_parts().values():
            names += [name for name in part.get("columns", ()) if name not in names]
        return [SQL.identifier("l", name) for name in names]

    def _base_layer(self, scope, now, values):
        """Rows of active customers with their policy and its effective thresholds."""
        own_rhythm = [
            SQL(
                "greatest(p.%s, p.rhythm_factor * l.average_order_gap) AS %s",
                SQL.identifier(name),
                SQL.identifier(name),
            )
            for name in ("churn_days", "dormant_days", "at_risk_days")
        ]
        plain = [
            SQL("p.%s", SQL.identifier(name))
            for name in RULE_FIELDS
            if name not in ("churn_days", "dormant_days", "at_risk_days")
        ]
        return SQL(
            """
            SELECT %(stored)s, p.today, p.tz, %(thresholds)s, %(stale)s AS is_stale,
                   greatest(l.last_order_date, l.last_renewal_date) AS anchor,
                   coalesce(l.has_active_subscription, FALSE) AS subscribed,
                   l.total_orders > 0 OR l.last_renewal_date IS NOT NULL AS ordered,
                   (%(won_back_at)s AT TIME ZONE 'UTC' AT TIME ZONE p.tz)::date
                       AS won_back_on
              FROM customer_lifecycle l
              %(recount)s
              JOIN (%(policy)s) p ON p.company_id = l.company_id
              JOIN res_partner rp ON rp.id = l.customer_id AND rp.active
             WHERE %(scope)s
            OFFSET 0
            """,
            stored=SQL(", ").join(self._stored_columns()),
            stale=STALE,
            thresholds=SQL(", ").join(own_rhythm + plain),
            policy=self._policy_relation(now, values),
            scope=scope,
            **self._won_back_source(scope, now, values),
        )

    def _won_back_source(self, scope, now, values):
        """Whence ``won_back_at`` comes: the row, or the orders in a preview.

        It is the one fact that depends on the policy (which silence counts).
        """
        if not values or not {"dormant_days", "rhythm_factor"} & set(values):
            return {"won_back_at": SQL("l.won_back_at"), "recount": SQL()}
        return {
            "won_back_at": SQL("w.won_back_at"),
            "recount": SQL(
                "LEFT JOIN (WITH %s SELECT id, won_back_at FROM facts) w"
                " ON w.id = l.id",
                self._facts_ctes(scope, now, values),
            ),
        }

    def _silence_columns(self):
        """Days of silence, age as a customer, rhythm, and whether a pin holds."""
        return [
            SQL("coalesce(s.today - s.anchor, %s) AS d", NEVER),
            SQL("s.today - s.customer_since AS age"),
            SQL(
                "greatest(coalesce(s.average_order_gap, s.median_gap), 7)::float8"
                " AS gap"
            ),
            SQL(
                "s.stage_pinned_until >= s.today AND (s.last_order_at IS NULL"
                " OR s.last_order_at <= s.stage_changed_at) AS is_pinned"
            ),
        ]

    def _then_columns(self):
        """Orders and days of silence as of 30 days ago, for the trend.

        ``recent_order_days`` holds the order days after facts_on - 30 in order, so
        what was true 30 days before any later ``today`` follows from the row alone;
        mostly (none, or all of them, lie in the window) without looking into it.
        """
        then = SQL("(s.today - %s)", TREND_DAYS)
        return [
            SQL(
                """
                CASE WHEN s.last_order_date <= %(then)s OR s.total_orders = 0
                     THEN s.total_orders
                     WHEN s.recent_order_days[1] > %(then)s
                     THEN s.total_orders - cardinality(s.recent_order_days)
                     ELSE s.total_orders - (
                          SELECT count(*) FROM unnest(s.recent_order_days) x
                           WHERE x > %(then)s)
                END AS orders_then
                """,
                then=then,
            ),
            SQL(
                """
                coalesce(least(%(then)s - CASE
                     WHEN s.last_order_date <= %(then)s OR s.total_orders = 0
                     THEN s.last_order_date
                     WHEN s.recent_order_days[1] > %(then)s THEN s.earlier_order_date
                     ELSE (SELECT max(x) FROM unnest(s.recent_order_days) x
                            WHERE x <= %(then)s)
                END, s.today - s.last_renewal_date), %(never)s) AS d_then
                """,
                then=then,
                never=NEVER,
            ),
        ]

    def _part_columns(self, parts):
        columns = [SQL("%s AS risk", self._churn_risk_expression())]
        for key, part in parts.items():
            points = part["points"]
            columns += [
                SQL("%s AS %s", points, SQL.identifier(f"part_{key}")),
                SQL("%s AS %s", part["attainable"], SQL.identifier(f"attain_{key}")),
                SQL(
                    "%s AS %s",
                    part.get("points_then", points),
                    SQL.identifier(f"then_{key}"),
                ),
            ]
        return columns

    def _score_columns(self, parts):
        def total(prefix):
            names = [SQL("s.%s", SQL.identifier(f"{prefix}_{key}")) for key in parts]
            return SQL(" + ").join(names)

        return [
            SQL("least(100, %s) AS score", total("part")),
            SQL("%s AS attainable", total("attain")),
            SQL("least(100, %s) AS score_then", total("then")),
        ]

    def _rule_columns(self):
        """The first matching rule by its place in ``RULES``, and the trend."""
        rules = SQL(" ").join(
            SQL("WHEN %s THEN %s", SQL(condition), place)  # pylint: disable=E8103
            for place, (_key, _stage, condition) in enumerate(RULES)
        )
        return [
            SQL("CASE %s END AS rule_no", rules),
            SQL(
                """
                CASE WHEN s.score - s.score_then >= 5 THEN 'increasing'
                     WHEN s.score - s.score_then <= -5 THEN 'decreasing'
                     ELSE 'stable' END AS trend
                """
            ),
            SQL(
                """
                CASE WHEN s.ordered AND NOT s.subscribed AND s.d >= s.churn_days
                     THEN (s.anchor + ceil(s.churn_days)::int)::timestamp
                          AT TIME ZONE s.tz AT TIME ZONE 'UTC' END AS churn_passed_at
                """
            ),
        ]

    def _stage_columns(self):
        """Stage and rule by name, and health.

        health = round(100 * (0.4 * (1 - risk) + 0.3 * score / attainable
        + 0.2 * feedback + 0.1 * trend)), half up.
        """
        stages = SQL("ARRAY[%s]", SQL(", ").join(stage for _k, stage, _c in RULES))
        keys = SQL("ARRAY[%s]", SQL(", ").join(key for key, _s, _c in RULES))
        return [
            SQL("coalesce((%s)[s.rule_no + 1], s.current_stage) AS stage", stages),
            SQL("(%s)[s.rule_no + 1] AS rule", keys),
            SQL(
                """
                floor(100 * (0.4::float8 * (1 - s.risk)
                    + 0.3::float8 * s.score / s.attainable
                    + 0.2::float8 * %s
                    + 0.1::float8 * CASE s.trend WHEN 'increasing' THEN 1
                                                 WHEN 'stable' THEN 0.5
                                                 ELSE 0 END::float8)
                    + 0.5::float8)::int AS health
                """,
                self._feedback_expression(),
            ),
        ]

    def _next_change(self):
        """Return the earliest day after today on which time alone changes something."""
        days = [
            SQL("s.anchor + ceil(s.at_risk_days)::int"),
            SQL("s.anchor + ceil(s.dormant_days)::int"),
            SQL("s.anchor + ceil(s.churn_days)::int"),
            SQL("s.anchor + s.engaged_days"),
            SQL("s.customer_since + s.onboarding_days + 1"),
            SQL("s.won_back_on + s.won_back_days + 1"),
            SQL("s.stage_pinned_until + 1"),
            SQL("s.next_order_date"),
            *self._churn_risk_changes(),
        ]
        for part in self._engagement_score_parts().values():
            days += part.get("changes", [])
        return least_after(days)
