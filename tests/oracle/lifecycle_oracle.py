"""The stage rules and scores of the customer lifecycle, in plain Python.

Written from the design's text alone (`customer.lifecycle` and "Stage rules"), to be
compared with the implementation. It reads like the specification and is not fast.

Three steps: `read_purchases` -> `facts_of` one customer -> `evaluate` the facts.
Every date is a day in the company's time zone.
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise

NEVER = 999  # days_since_last_order: "999 when never ordered"
WEEK = 7  # next_evaluation_date: "everyone at least weekly"
TREND_DAYS = 30  # engagement_trend: "as of 30 days earlier"
TREND_STEP = 5  # engagement_trend: "+5 or more", "-5 or less"
NPS_DAYS = 365  # engagement_score: "NPS not older than 365 days"
SHORTEST_GAP = 7  # churn_risk_score: "r = d / max(gap, 7)"

RECENCY_BANDS = ((7, 30), (14, 25), (30, 15), (60, 5))  # d below: points
ORDER_BANDS = ((20, 25), (10, 20), (5, 15), (2, 10), (1, 5))  # orders from: points
TIER_POINTS = {"bronze": 2, "silver": 5, "gold": 8, "platinum": 10}
NPS_POINTS = {"promoter": 10, "passive": 5, "detractor": 0}
FEEDBACK = {"promoter": 1, "passive": 0.5, None: 0.5, "detractor": 0}
TREND = {"increasing": 1, "stable": 0.5, "decreasing": 0}


@dataclass(frozen=True)
class Policy:
    """Thresholds of `lifecycle.policy`, with the design's defaults."""

    churn_days: int = 90
    dormant_days: int = 60
    at_risk_days: int = 30
    won_back_days: int = 30
    at_risk_score: float = 0.60
    at_risk_engagement: float = 30
    onboarding_days: int = 30
    engaged_score: float = 80
    engaged_days: int = 14
    median_gap: float = 30
    rhythm_factor: float | None = None

    def __post_init__(self):
        """ "A policy whose thresholds are out of order is refused." """
        if not self.at_risk_days < self.dormant_days < self.churn_days:
            raise ValueError("at_risk_days < dormant_days < churn_days does not hold")


@dataclass(frozen=True)
class Facts:
    """What is known of one customer; `order_dates` has one date per order."""

    customer_since: date
    order_dates: tuple[date, ...] = ()
    total_revenue: float = 0.0
    onboarding_status: str = "not_started"
    has_active_subscription: bool = False
    last_renewal_date: date | None = None
    stage_pinned_until: date | None = None
    pinned_stage: str | None = None
    loyalty_tier: str | None = None
    nps_category: str | None = None
    nps_collected_on: date | None = None

    @property
    def total_orders(self):
        return len(self.order_dates)

    @cached_property
    def order_days(self):
        """Distinct days with an order, in order: two orders on a day are one day."""
        return sorted(set(self.order_dates))

    @property
    def first_order_date(self):
        return min(self.order_dates, default=None)

    @property
    def last_order_date(self):
        return max(self.order_dates, default=None)

    @property
    def average_order_gap(self):
        """ "Mean gap between consecutive order days; empty below two order days." """
        if len(self.order_days) < 2:
            return None
        span = (self.last_order_date - self.first_order_date).days
        return span / (len(self.order_days) - 1)

    @property
    def last_activity(self):
        """ "The later of last order and last renewal", none when neither."""
        known = filter(None, (self.last_order_date, self.last_renewal_date))
        return max(known, default=None)

    @property
    def ordered(self):
        """ "total_orders > 0 or a renewal" """
        return self.last_activity is not None


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one customer on one day; `rule` is the row number."""

    stage: str
    rule: int
    engagement_score: int
    engagement_attainable: int
    engagement_trend: str
    churn_risk_score: float
    health_score: int
    churned_on: date | None
    won_back_on: date | None
    next_evaluation_date: date


# --- Purchases and facts -----------------------------------------------------------


def read_purchases(path):
    """(customer, date, amount) of every line, in either format of the CDNOW files.

    Both give the customer's id in the full set: the first column.
    """
    with open(path, encoding="ascii") as lines:
        rows = [line.split() for line in lines]
    return [_purchase(row) for row in rows if row and row[0].isdigit()]


def _purchase(row):
    """From the right: dollars, number of CDs, date; the left-most is the customer."""
    day = datetime.strptime(row[-3], "%Y%m%d").date()
    return int(row[0]), day, float(row[-1])


def by_customer(purchases):
    """{customer: their purchases}"""
    customers = defaultdict(list)
    for purchase in purchases:
        customers[purchase[0]].append(purchase)
    return dict(customers)


def facts_of(purchases, today, created=None, last_renewal_date=None, **other):
    """Facts of one customer as of `today`; None before the first purchase.

    `created` is the creation date of the partner, `other` any other field of `Facts`.
    """
    known = [(day, amount) for _customer, day, amount in purchases if day <= today]
    if not known:
        return None
    order_dates = tuple(sorted(day for day, _amount in known))
    if last_renewal_date and last_renewal_date > today:
        last_renewal_date = None
    return Facts(
        customer_since=min(filter(None, (order_dates[0], created))),
        order_dates=order_dates,
        total_revenue=round(math.fsum(amount for _day, amount in known), 2),
        last_renewal_date=last_renewal_date,
        **other,
    )


# --- Days and thresholds -----------------------------------------------------------


def days_between(day, today):
    """Days since `day`; 999 without one."""
    return NEVER if day is None else (today - day).days


def threshold(days, facts, policy):
    """rhythm_factor: "thresholds become max(days, factor * average_order_gap)"."""
    if not policy.rhythm_factor or facts.average_order_gap is None:
        return days
    return max(days, policy.rhythm_factor * facts.average_order_gap)


def won_back_on(facts, policy):
    """ "The latest order whose preceding order lies at least dormant_days earlier
    while not subscribed."
    """
    if facts.has_active_subscription:
        return None
    dormant = threshold(policy.dormant_days, facts, policy)
    returns = [
        day
        for before, day in pairwise(facts.order_days)
        if (day - before).days >= dormant
    ]
    return max(returns, default=None)


def churned_on(facts, policy, today):
    """ "Last order + churn_days once passed", from the orders alone."""
    if not facts.total_orders:
        return None
    churn = math.ceil(threshold(policy.churn_days, facts, policy))
    day = facts.last_order_date + timedelta(churn)
    return day if day <= today else None


# --- Scores ------------------------------------------------------------------------


def recency_points(d):
    """ "< 7: 30, < 14: 25, < 30: 15, < 60: 5, else 0" """
    return next((points for below, points in RECENCY_BANDS if d < below), 0)


def order_points(orders):
    """ ">= 20: 25, >= 10: 20, >= 5: 15, >= 2: 10, 1: 5, 0: 0" """
    return next((points for least, points in ORDER_BANDS if orders >= least), 0)


def has_fresh_nps(facts, today):
    """ "NPS not older than 365 days" """
    if facts.nps_category is None:
        return False
    return days_between(facts.nps_collected_on, today) <= NPS_DAYS


def other_points(facts, today):
    """The parts that are not about orders: subscription, tier, NPS."""
    nps = NPS_POINTS[facts.nps_category] if has_fresh_nps(facts, today) else 0
    subscribed = 25 if facts.has_active_subscription else 0
    return subscribed + TIER_POINTS.get(facts.loyalty_tier, 0) + nps


def engagement_score(facts, today):
    """min(100, recency + orders + the other parts)"""
    d = days_between(facts.last_activity, today)
    orders = order_points(facts.total_orders)
    return min(100, recency_points(d) + orders + other_points(facts, today))


def engagement_attainable(facts, today):
    """ "55, + 25 if subscribed, + 10 with a loyalty account, + 10 with such an NPS
    answer"; the tier is "empty without account".
    """
    subscribed = 25 if facts.has_active_subscription else 0
    loyalty = 10 if facts.loyalty_tier else 0
    nps = 10 if has_fresh_nps(facts, today) else 0
    return 55 + subscribed + loyalty + nps


def score_before(facts, today):
    """The order parts as of 30 days earlier, "other parts at today's value"."""
    then = today - timedelta(TREND_DAYS)
    orders = [day for day in facts.order_dates if day <= then]
    d = days_between(max(orders, default=None), then)
    points = recency_points(d) + order_points(len(orders))
    return min(100, points + other_points(facts, today))


def engagement_trend(facts, today):
    """ "increasing (+5 or more ...), decreasing (-5 or less), stable" """
    change = engagement_score(facts, today) - score_before(facts, today)
    if change >= TREND_STEP:
        return "increasing"
    return "decreasing" if change <= -TREND_STEP else "stable"


def churn_risk_score(facts, policy, today):
    """ "r = d / max(gap, 7); score = r^2 / (r^2 + 4); halved when subscribed; 0 when
    never ordered"; gap is the customer's own, else the company's median.
    """
    if not facts.ordered:
        return 0.0
    own = facts.average_order_gap
    gap = policy.median_gap if own is None else own
    r = days_between(facts.last_activity, today) / max(gap, SHORTEST_GAP)
    score = r**2 / (r**2 + 4)
    return score / 2 if facts.has_active_subscription else score


def health_score(risk, score, attainable, nps_category, trend):
    """ "round(100 * (0.4 * (1 - churn_risk) + 0.3 * engagement_score /
    engagement_attainable + 0.2 * feedback + 0.1 * trend))", halves rounded up.
    """
    health = 100 * (
        0.4 * (1 - risk)
        + 0.3 * score / attainable
        + 0.2 * FEEDBACK[nps_category]
        + 0.1 * TREND[trend]
    )
    return math.floor(health + 0.5)


# --- Stage rules -------------------------------------------------------------------


class Situation:
    """One customer on one day, in the words the stage rules use."""

    def __init__(self, facts, policy, today):
        self.facts, self.policy, self.today = facts, policy, today
        self.d = days_between(facts.last_activity, today)
        self.ordered = facts.ordered
        self.subscribed = facts.has_active_subscription
        self.total_orders = facts.total_orders
        self.days_as_customer = (today - facts.customer_since).days
        self.onboarding = facts.onboarding_status == "in_progress"
        self.at_risk_days = threshold(policy.at_risk_days, facts, policy)
        self.dormant_days = threshold(policy.dormant_days, facts, policy)
        self.churn_days = threshold(policy.churn_days, facts, policy)
        self.risk = churn_risk_score(facts, policy, today)
        self.score = engagement_score(facts, today)
        self.attainable = engagement_attainable(facts, today)
        self.share = 100 * self.score / self.attainable
        self.won_back_on = won_back_on(facts, policy)


def is_pinned(s):
    """0: "a manual pin holds", its last day included"""
    until = s.facts.stage_pinned_until
    return bool(s.facts.pinned_stage and until and s.today <= until)


def is_churned(s):
    """1: "ordered, d >= churn_days (90), not subscribed" """
    return s.ordered and s.d >= s.churn_days and not s.subscribed


def is_dormant(s):
    """2: "ordered, d >= dormant_days (60), not subscribed" """
    return s.ordered and s.d >= s.dormant_days and not s.subscribed


def is_won_back(s):
    """3: "won_back_at within won_back_days (30)" """
    if s.won_back_on is None:
        return False
    return 0 <= days_between(s.won_back_on, s.today) <= s.policy.won_back_days


def is_at_risk(s):
    """4: "ordered and (churn_risk_score >= at_risk_score (0.60), or share <
    at_risk_engagement (30), or (at_risk_days (30) <= d < dormant_days and not
    subscribed))"
    """
    return s.ordered and (
        s.risk >= s.policy.at_risk_score
        or s.share < s.policy.at_risk_engagement
        or (s.at_risk_days <= s.d < s.dormant_days and not s.subscribed)
    )


def is_onboarding(s):
    """5: "onboarding_status = in_progress and total_orders < 3 and days_as_customer <=
    onboarding_days (30)"
    """
    young = s.days_as_customer <= s.policy.onboarding_days
    return s.onboarding and s.total_orders < 3 and young


def is_engaged(s):
    """6: "share >= engaged_score (80) and d < engaged_days (14)" """
    return s.share >= s.policy.engaged_score and s.d < s.policy.engaged_days


def is_active(s):
    """7: "d < at_risk_days or subscribed" """
    return s.d < s.at_risk_days or s.subscribed


def is_new(s):
    """8: "never ordered and (onboarding_status = in_progress or days_as_customer <=
    onboarding_days)"
    """
    young = s.days_as_customer <= s.policy.onboarding_days
    return not s.ordered and (s.onboarding or young)


def is_any(_s):
    """9: "otherwise" """
    return True


RULES = (
    (0, "as pinned", is_pinned),
    (1, "churned", is_churned),
    (2, "dormant", is_dormant),
    (3, "won_back", is_won_back),
    (4, "at_risk", is_at_risk),
    (5, "onboarding", is_onboarding),
    (6, "engaged", is_engaged),
    (7, "active", is_active),
    (8, "onboarding", is_new),
    (9, "acquired", is_any),
)


def stage_and_rule(s):
    """ "First match wins." """
    rule, stage = next((rule, stage) for rule, stage, holds in RULES if holds(s))
    return (s.facts.pinned_stage if rule == 0 else stage), rule


# --- Next evaluation ---------------------------------------------------------------


def days_of_silence_changes(s):
    """Days on which `d` crosses a recency band or a threshold of the stage rules."""
    if s.facts.last_activity is None:
        return []
    limits = [below for below, _points in RECENCY_BANDS]
    limits += [s.at_risk_days, s.dormant_days, s.churn_days, s.policy.engaged_days]
    return [s.facts.last_activity + timedelta(math.ceil(limit)) for limit in limits]


def day_risk_reaches_limit(s):
    """First day of the coming week on which the churn risk is at_risk_score."""
    limit = s.policy.at_risk_score
    if s.risk >= limit:
        return []
    week = [s.today + timedelta(days) for days in range(1, WEEK + 1)]
    days = [d for d in week if churn_risk_score(s.facts, s.policy, d) >= limit]
    return days[:1]


def days_after_periods(s):
    """The days after onboarding, won-back time, pin and NPS answer have run out."""
    periods = [
        (s.facts.customer_since, s.policy.onboarding_days),
        (s.won_back_on, s.policy.won_back_days),
        (s.facts.stage_pinned_until, 0),
        (s.facts.nps_collected_on, NPS_DAYS),
    ]
    return [start + timedelta(days + 1) for start, days in periods if start]


def next_evaluation_date(s):
    """ "Earliest day on which stage or engagement_score can change by time alone;
    everyone at least weekly."
    """
    days = days_of_silence_changes(s) + day_risk_reaches_limit(s)
    days += days_after_periods(s)
    days.append(s.today + timedelta(WEEK))
    return min(day for day in days if day > s.today)


# --- Verdict -----------------------------------------------------------------------


def evaluate(facts, policy, today):
    """The verdict on one customer; none for one who does not exist yet."""
    if facts is None:
        return None
    s = Situation(facts, policy, today)
    stage, rule = stage_and_rule(s)
    trend = engagement_trend(facts, today)
    return Verdict(
        stage=stage,
        rule=rule,
        engagement_score=s.score,
        engagement_attainable=s.attainable,
        engagement_trend=trend,
        churn_risk_score=s.risk,
        health_score=health_score(
            s.risk, s.score, s.attainable, facts.nps_category, trend
        ),
        churned_on=churned_on(facts, policy, today),
        won_back_on=s.won_back_on,
        next_evaluation_date=next_evaluation_date(s),
    )


def brute_next_change(facts_builder, policy, today, horizon):
    """First day within `horizon` days on which stage or engagement score differ.

    Found by evaluating every day; `facts_builder(day)` gives the facts on a day and
    must know nothing that happens after `today`. None when nothing changes.
    """

    def outcome(day):
        verdict = evaluate(facts_builder(day), policy, day)
        return verdict.stage, verdict.engagement_score

    now = outcome(today)
    days = (today + timedelta(days) for days in range(1, horizon + 1))
    return next((day for day in days if outcome(day) != now), None)
