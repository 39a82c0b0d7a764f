from odoo import api, models
from odoo.tools import SQL

from ..const import NEVER
from ..tools.score import bands, first_day_of_risk, least_after
from .lifecycle_facts import TREND_DAYS
from .lifecycle_policy import RULE_FIELDS

# (key, stage, condition on alias ``s``): the first match wins.
RULES = [
    ("pinned", None, "s.is_pinned"),
    ("churned", "churned", "s.ordered AND s.d >= s.churn_days AND NOT s.subscribed"),
    ("dormant", "dormant", "s.ordered AND s.d >= s.dormant_days AND NOT s.subscribed"),
    ("won_back", "won_back", "s.today - s.won_back_on BETWEEN 0 AND s.won_back_days"),
    (
        "at_risk",
        "at_risk",
        "s.ordered AND (s.risk >= s.at_risk_score"
        " OR s.score * 100 < s.at_risk_engagement * s.attainable"
        " OR (s.d >= s.at_risk_days AND s.d < s.dormant_days AND NOT s.subscribed))",
    ),
    (
        "onboarding",
        "onboarding",
        "s.onboarding_status = 'in_progress' AND s.total_orders < 3"
        " AND s.age <= s.onboarding_days",
    ),
    (
        "engaged",
        "engaged",
        "s.score * 100 >= s.engaged_score * s.attainable AND s.d < s.engaged_days",
    ),
    ("active", "active", "s.d < s.at_risk_days OR s.subscribed"),
    (
        "new",
        "onboarding",
        "NOT s.ordered AND (s.onboarding_status = 'in_progress'"
        " OR s.age <= s.onboarding_days)",
    ),
    ("acquired", "acquired", "TRUE"),
]
# Days of silence at which the recency points change.
# Stored columns that the rules read; score parts name theirs in ``columns``.
COLUMNS = (
    "id",
    "customer_id",
    "company_id",
    "current_stage",
    "stage_changed_at",
    "stage_pinned_until",
    "customer_since",
    "total_orders",
    "total_revenue",
    "first_order_date",
    "last_order_date",
    "last_order_at",
    "average_order_gap",
    "recent_order_days",
    "earlier_order_date",
    "next_order_date",
    "last_renewal_date",
    "onboarding_status",
    "engagement_score",
    "engagement_attainable",
    "engagement_trend",
    "health_score",
    "churn_risk_score",
    "churned_at",
    "next_evaluation_date",
)
RECENCY = ((7, 30), (14, 25), (30, 15), (60, 5))
ORDERS = ((20, 25), (10, 20), (5, 15), (2, 10), (1, 5))


class LifecycleRules(models.AbstractModel):
    """Stage, scores and next change of many customers in one query.

    The query is built in layers, each a subquery that names what the next one uses.
    ``OFFSET 0`` keeps PostgreSQL from folding the layers into each other, which
    would compute ``d`` or ``score`` again at every use.
    """

    _name = "lifecycle.rules"
    _description = "Lifecycle Rules"

    # ----------------------------------------------------------------------- hooks
    @api.model
    def _engagement_score_parts(self):
        """Return the parts of the engagement score.

        An addon adds its own. Expressions use alias ``s``: the columns of
        ``COLUMNS``, those that the part names, and ``today``, ``d``, ``ordered``,
        ``subscribed``.

        :return: dict of part key to dict with SQL values: ``points`` (integer),
            ``attainable`` (integer) and optionally ``points_then`` (the points of
            30 days ago; today's when missing), ``changes`` (list of date
            expressions on which the part can change by time alone) and ``columns``
            (names of further stored columns)
        """
        return {
            "recency": {
                "points": bands(SQL("s.d"), "<", RECENCY),
                "points_then": bands(SQL("s.d_then"), "<", RECENCY),
                "attainable": SQL("30"),
                "changes": [SQL("s.anchor + %s", days) for days, _points in RECENCY],
            },
            "orders": {
                "points": bands(SQL("s.total_orders"), ">=", ORDERS),
                "points_then": bands(SQL("s.orders_then"), ">=", ORDERS),
                "attainable": SQL("25"),
            },
            "subscription": {
                "points": SQL("CASE WHEN s.subscribed THEN 25 ELSE 0 END"),
                "attainable": SQL("CASE WHEN s.subscribed THEN 25 ELSE 0 END"),
            },
        }

    @api.model
    def _churn_risk_expression(self):
        """Return the churn risk (0 to 1) as SQL on alias ``s``.

        Silence against the customer's own rhythm: r = d / gap,
        risk = r^2 / (r^2 + 4), halved when subscribed, 0 when never ordered.
        """
        return SQL(
            """
            CASE WHEN NOT s.ordered THEN 0.0::float8
                 ELSE (s.d / s.gap) * (s.d / s.gap)
                      / ((s.d / s.gap) * (s.d / s.gap) + 4)
                      * CASE WHEN s.subscribed THEN 0.5 ELSE 1.0 END::float8
            END
            """
        )

    @api.model
    def _feedback_expression(self):
        """Return the feedback part of health (0 to 1) as SQL on alias ``s``."""
        return SQL("0.5::float8")

    @api.model
    def _churn_risk_changes(self):
        """Return the dates on which the churn risk can move a stage by time alone."""
        return [first_day_of_risk()]

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
        query = self._layer(query, self._silence_columns())
        query = self._layer(query, self._part_columns(parts))
        query = self._layer(query, self._score_columns(parts))
        query = self._layer(query, self._rule_columns())
        return self._layer(query, self._stage_columns())

    def _layer(self, query, columns):
        return SQL("SELECT s.*, %s FROM (%s) s OFFSET 0", SQL(", ").join(columns), query)

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
            SELECT %(stored)s, p.today, p.tz, %(thresholds)s,
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
        """Days of silence, now and 30 days ago; orders, now and 30 days ago.

        ``recent_order_days`` holds the order days after facts_on - 30, so what was
        true 30 days before any later ``today`` follows from the row alone.
        """
        then = SQL("(s.today - %s)", TREND_DAYS)
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
            SQL(
                """
                CASE WHEN s.last_order_date > %(then)s THEN s.total_orders - (
                     SELECT count(*) FROM unnest(s.recent_order_days) x
                      WHERE x > %(then)s)
                ELSE s.total_orders END AS orders_then
                """,
                then=then,
            ),
            SQL(
                """
                coalesce(least(%(then)s - CASE WHEN s.last_order_date > %(then)s THEN
                     greatest(s.earlier_order_date, (
                         SELECT max(x) FROM unnest(s.recent_order_days) x
                          WHERE x <= %(then)s))
                ELSE s.last_order_date END, s.today - s.last_renewal_date), %(never)s)
                AS d_then
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
