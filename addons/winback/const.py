"""The words of the contract; selections and checks are made of them."""

STATUSES = [
    ("active", "Active"),
    ("won_back", "Won back"),
    ("exhausted", "Exhausted"),
    ("unsubscribed", "Unsubscribed"),
]
STATUS_KEYS = [key for key, _label in STATUSES]
OFFER_TYPES = [
    ("discount_percent", "Discount in percent"),
    ("discount_fixed", "Discount of an amount"),
    ("free_delivery", "Free delivery"),
    ("bonus_points", "Bonus points"),
]
# Offers that are worth nothing without a number.
VALUED = ("discount_percent", "discount_fixed", "bonus_points")
# Offers that other addons bring; they install themselves beside what they need.
BRIDGES = {
    "free_delivery": "journey_engine_sale_loyalty_delivery",
    "bonus_points": "loyalty_program_journey",
}
# Win-back rate that a shop may hope for, in percent.
TARGET_RATE = 15
CODE_PREFIX = "WINBACK-"
