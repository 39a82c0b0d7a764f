"""The words of the contract; selections and checks are made of them."""

CHANNELS = [("email", "E-mail"), ("sms", "SMS"), ("push", "Push notification")]
CATEGORIES = [
    ("transactional", "Transactional"),
    ("service", "Service"),
    ("marketing", "Marketing"),
]
STATUSES = [("granted", "Granted"), ("withdrawn", "Withdrawn")]
SOURCES = [
    ("portal", "Portal"),
    ("signup", "Sign-up"),
    ("import", "Import"),
    ("staff", "Staff"),
    ("unsubscribe", "Unsubscribe link"),
    ("reply", "Reply"),
    ("api", "External system"),
]
# Only what people say themselves brings them back after an erasure.
OWN_SOURCES = ("portal", "signup", "reply")
PREFERENCE_TYPES = [
    ("communication", "Communication"),
    ("shopping", "Shopping"),
    ("payment", "Payment"),
    ("delivery", "Delivery"),
    ("marketing", "Marketing"),
]
ABSENCE = [
    ("opt_in", "Nobody: only who agreed"),
    ("customers", "Those who ordered"),
    ("opt_out", "Everybody who did not object"),
]
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
CHANNEL_KEYS, CATEGORY_KEYS, STATUS_KEYS, SOURCE_KEYS, TYPE_KEYS = (
    tuple(key for key, _label in pairs)
    for pairs in (CHANNELS, CATEGORIES, STATUSES, SOURCES, PREFERENCE_TYPES)
)
