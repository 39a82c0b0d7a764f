"""The words of the contract; selections and checks are made of them."""

TRIGGERS = [
    ("post_order", "After an order"),
    ("post_delivery", "After a delivery"),
    ("periodic", "Regularly"),
    ("milestone", "After a number of orders"),
]
TRIGGER_KEYS = [key for key, _label in TRIGGERS]
CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("push", "Push notification"),
    ("preferred", "Preferred by the customer"),
    ("website", "On the website after checkout"),
]
CATEGORIES = [
    ("promoter", "Promoter"),
    ("passive", "Passive"),
    ("detractor", "Detractor"),
]
CATEGORY_KEYS = [key for key, _label in CATEGORIES]
CONTEXTS = [
    ("order", "Order"),
    ("delivery", "Delivery"),
    ("support", "Support"),
    ("product", "Product"),
]
CONTEXT_KEYS = [key for key, _label in CONTEXTS]
STATUSES = [
    ("waiting", "Waiting"),
    ("sent", "Sent"),
    ("opened", "Opened"),
    ("answered", "Answered"),
    ("expired", "Expired"),
    ("not_sent", "Not sent"),
]
OUTCOMES = [
    ("solved", "Solved"),
    ("compensated", "Made up for it"),
    ("talked", "Listened, nothing to solve"),
    ("unreachable", "Could not be reached"),
    ("lost", "Lost the customer"),
    ("changed", "The customer changed the answer"),
    ("duplicate", "Belongs to another case"),
]
# What people choose; the others are the suite's own.
OUTCOME_KEYS = ["solved", "compensated", "talked", "unreachable", "lost"]
SCORES = range(11)
CSAT_SCORES = range(1, 6)
# The change of an answer is taken for so many hours.
CHANGE_HOURS = 24
# An unhandled case pauses marketing for at most so many days.
PAUSE_DAYS = 30
# An answer adds to the engagement score for so many days.
FRESH_DAYS = 365
TARGET = 50
MAX_COMMENT = 5000
EVENTS = ("survey_answered", "survey_changed", "detractor_case", "csat_answered")
