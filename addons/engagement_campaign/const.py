"""The words of the contract; selections and checks are made of them."""

CAMPAIGN_TYPES = [
    ("welcome", "Welcome"),
    ("onboarding", "Onboarding"),
    ("re_engagement", "Re-engagement"),
    ("milestone", "Milestone"),
    ("anniversary", "Anniversary"),
    ("win_back", "Win-back"),
    ("retention", "Retention"),
    ("rescue", "Rescue"),
]
TRIGGERS = [
    ("stage_entry", "A customer enters a stage"),
    ("event", "Something happens"),
    ("schedule", "A date comes"),
    ("milestone", "A customer reaches a milestone"),
    ("segment", "A customer belongs to a segment"),
]
MILESTONES = [("orders", "Orders"), ("revenue", "Revenue")]
SCHEDULES = [
    ("anniversary", "Anniversary as a customer"),
    ("birthday", "Birthday"),
    ("after_last_order", "Days after the last order"),
    ("calendar", "Day of the calendar"),
]
REPEATS = [
    ("once", "Once"),
    ("weekly", "Every week"),
    ("monthly", "Every month"),
    ("yearly", "Every year"),
]
STATUSES = [
    ("active", "Active"),
    ("completed", "Completed"),
    ("converted", "Converted"),
    ("unsubscribed", "Unsubscribed"),
    ("cancelled", "Cancelled"),
]
STATUS_KEYS = [key for key, _label in STATUSES]
# Why a customer may be leaving, the most telling sign first.
RISK_REASONS = [
    ("payment", "A payment failed"),
    ("rating", "A bad rating"),
    ("basket", "Fewer items per order"),
    ("rhythm", "No order in the usual rhythm"),
]
