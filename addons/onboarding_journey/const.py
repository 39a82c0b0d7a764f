"""The words of the contract; selections and checks are made of them."""

JOURNEY_TYPES = [
    ("standard", "Standard"),
    ("subscription", "Subscription"),
    ("b2b", "Business customers"),
    ("premium", "Premium"),
]
STEP_TYPES = [
    ("email", "E-mail"),
    ("push", "Push notification"),
    ("sms", "SMS"),
    ("content", "Tutorial"),
    ("milestone", "Milestone"),
    ("task", "Task"),
]
STEP_TYPE_KEYS = [key for key, _label in STEP_TYPES]
# Steps that wait for the customer; the others are messages, named by their channel.
CUSTOMER_KINDS = ("content", "milestone", "task")
STATUSES = [
    ("in_progress", "In progress"),
    ("completed", "Completed"),
    ("skipped", "Skipped"),
    ("expired", "Expired"),
]
STEP_STATUSES = [
    ("pending", "Pending"),
    ("completed", "Completed"),
    ("skipped", "Skipped"),
]
OPERATORS = [
    (">=", "at least"),
    (">", "more than"),
    ("==", "exactly"),
    ("<=", "at most"),
    ("<", "less than"),
]
OPERATOR_KEYS = [key for key, _label in OPERATORS]
# Metrics that a purchase moves: the last of them completes the journey.
PURCHASE_METRICS = ("order_count", "total_spend", "subscription_count")
# Metrics from 0 to 1, shown in percent.
SHARES = ("profile_complete",)
# What a complete profile consists of.
PROFILE_FIELDS = ("email", "phone", "street", "city", "country_id")
# Of one look at a tutorial, no more time counts.
MAX_VIEW_SECONDS = 3600
MAX_TARGET = 10**12
CLOSING = "_closing"
EVENTS = (
    "onboarding_started",
    "onboarding_completed",
    "onboarding_skipped",
    "onboarding_expired",
)
