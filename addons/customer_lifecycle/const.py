"""The vocabulary of the customer lifecycle, shared by models, SQL and tests."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

STAGES = [
    ("acquired", "Acquired"),
    ("onboarding", "Onboarding"),
    ("active", "Active"),
    ("engaged", "Highly Engaged"),
    ("at_risk", "At Risk"),
    ("dormant", "Dormant"),
    ("churned", "Churned"),
    ("won_back", "Won Back"),
]
STAGE_KEYS = [key for key, _label in STAGES]

TRIGGER_TYPES = [
    ("automatic", "Automatic"),
    ("manual", "Manual"),
    ("event", "Event"),
    ("scheduled", "Scheduled"),
]
TRIGGER_KEYS = [key for key, _label in TRIGGER_TYPES]

TRENDS = [
    ("increasing", "Increasing"),
    ("stable", "Stable"),
    ("decreasing", "Decreasing"),
]

# Days since the last order of a customer who never ordered.
NEVER = 999

RULE_LABELS = {
    "pinned": _lt("Set by hand until %(stage_pinned_until)s"),
    "churned": _lt("No order for %(days_since_last_order)s days"),
    "dormant": _lt("No order for %(days_since_last_order)s days"),
    "won_back": _lt("Came back on %(won_back_on)s after a long silence"),
    "at_risk": _lt("Signs of leaving: silence or low engagement"),
    "onboarding": _lt("In onboarding since %(customer_since)s"),
    "engaged": _lt("Orders often and recently"),
    "active": _lt("Ordered %(days_since_last_order)s days ago"),
    "new": _lt("Signed up on %(customer_since)s, no order yet"),
    "acquired": _lt("No order yet"),
}
# By days of silence, where a number of days would read badly.
RECENT_LABELS = {0: _lt("Ordered today"), 1: _lt("Ordered yesterday")}

# The same in the past tense of the history, from the facts that it kept.
RULE_REASONS = {
    "manual": _lt("Set by hand"),
    "pinned": _lt("Set by hand"),
    "churned": _lt("No order for %(days)s days"),
    "dormant": _lt("No order for %(days)s days"),
    "won_back": _lt("Came back after a long silence"),
    "at_risk": _lt(
        "%(days)s days of silence, churn risk %(risk)s %%, engagement %(share)s %%"
    ),
    "onboarding": _lt("Onboarding is in progress"),
    "engaged": _lt("%(total_orders)s orders, engagement %(share)s %%"),
    "active": _lt("Ordered %(days)s days ago"),
    "new": _lt("Signed up, no order yet"),
    "acquired": _lt("No order yet"),
}
RECENT_REASONS = {0: _lt("Ordered that day"), 1: _lt("Ordered the day before")}
