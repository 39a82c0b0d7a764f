"""The stage rules as a table, and what they read."""

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
