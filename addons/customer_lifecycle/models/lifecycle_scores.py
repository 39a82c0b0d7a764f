from odoo import api, models
from odoo.tools import SQL

from ..tools.score import bands, first_day_of_risk

# (limit, points): days of silence below, orders from.
RECENCY = ((7, 30), (14, 25), (30, 15), (60, 5))
ORDERS = ((20, 25), (10, 20), (5, 15), (2, 10), (1, 5))


class LifecycleScores(models.AbstractModel):
    """Engagement and churn risk: the hooks through which other addons take part."""

    _name = "lifecycle.scores"
    _description = "Lifecycle Scores"

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
