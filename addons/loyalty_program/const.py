"""The words of the contract; selections and checks are made of them."""

TIERS = [
    ("bronze", "Bronze"),
    ("silver", "Silver"),
    ("gold", "Gold"),
    ("platinum", "Platinum"),
]
# (code, lifetime points) of the tiers that a new program has.
DEFAULT_TIERS = [("bronze", 0), ("silver", 1000), ("gold", 5000), ("platinum", 15000)]
# Free delivery is a reward of standard that is for members of a tier.
BENEFITS = [
    ("points_multiplier", "Points multiplied by"),
    ("birthday_bonus", "Extra points on the birthday"),
    ("note", "Another advantage"),
]
TIER_BASES = [
    ("lifetime", "Points earned ever"),
    ("rolling", "Points earned in the last months"),
    ("calendar", "Points earned in the calendar year"),
]
# What earns points beside orders; those of orders are the program's own rules.
EARNING_TYPES = [
    ("signup", "Sign-up"),
    ("referral", "Referral"),
    ("review", "Review"),
    ("birthday", "Birthday"),
    ("anniversary", "Anniversary"),
]
TRANSACTION_TYPES = [
    ("earn", "Earned"),
    ("redeem", "Redeemed"),
    ("expire", "Expired"),
    ("adjust", "Adjusted"),
    ("transfer", "Transferred"),
]
REDEMPTION_TYPES = [
    ("discount", "Discount"),
    ("product", "Product"),
    ("code", "Code"),
]
SHORTFALLS = [
    ("block", "Refuse the cancellation"),
    ("cap", "Take back what is left"),
    ("debt", "Take back everything: the balance may fall below zero"),
]
# Balances are kept to the hundredth; programs with accounts earn whole points.
DIGITS = (16, 2)
EXPIRING_DAYS = 30
# What a row of the ledger is in the timeline: {(type, comes in): event}.
EVENTS = {
    ("earn", True): "points_earned",
    ("earn", False): "points_reversed",
    ("redeem", False): "points_redeemed",
    ("redeem", True): "points_returned",
    ("expire", False): "points_expired",
    ("expire", True): "points_returned",
    ("adjust", True): "points_adjusted",
    ("adjust", False): "points_adjusted",
    ("transfer", True): "points_transferred",
    ("transfer", False): "points_transferred",
}
# What a tier adds to the engagement score, and what it could at most.
TIER_SCORES = {"bronze": 2, "silver": 5, "gold": 8, "platinum": 10}
REFERRAL_STATES = [
    ("pending", "Signed up"),
    ("joined", "Ordered"),
    ("held", "Under review"),
    ("rewarded", "Rewarded"),
    ("limited", "Over the yearly limit"),
    ("blocked", "Refused"),
    ("reversed", "Taken back"),
]

# Settings that no order asks for are read apart from those that each one reads.
APART = "loyalty_account"
