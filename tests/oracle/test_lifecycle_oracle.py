"""Hand-computed cases for the oracle of the stage rules, and its own cross-checks."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import lifecycle_oracle as oracle
import pytest
from lifecycle_oracle import Facts, Policy, evaluate, facts_of

DATA = Path(__file__).parents[1] / "data"
TODAY = date(2024, 6, 30)
POLICY = Policy()


def ago(days):
    return TODAY - timedelta(days)


def ahead(days):
    return TODAY + timedelta(days)


def customer(*orders, since=400, renewal=None, nps_age=None, **fields):
    """A customer with orders, sign-up, renewal and NPS answer so many days ago."""
    return Facts(
        customer_since=ago(max(since, *orders, 0)),
        order_dates=tuple(sorted(map(ago, orders))),
        last_renewal_date=None if renewal is None else ago(renewal),
        nps_collected_on=None if nps_age is None else ago(nps_age),
        **fields,
    )


def every(gap, count, last):
    """Days ago of `count` orders, `gap` days apart, the latest `last` days ago."""
    return [last + gap * number for number in range(count)]


def judge(*orders, policy=POLICY, **fields):
    return evaluate(customer(*orders, **fields), policy, TODAY)


def ruling(*orders, **fields):
    verdict = judge(*orders, **fields)
    return verdict.rule, verdict.stage


# --- Stage rules: every row, both sides of every limit -----------------------------


@pytest.mark.parametrize(
    ("until", "expected"),
    [(1, (0, "engaged")), (0, (0, "engaged")), (-1, (1, "churned"))],
)
def test_rule_0_pin_holds_until_its_last_day(until, expected):
    pin = {"pinned_stage": "engaged", "stage_pinned_until": ahead(until)}
    assert ruling(200, **pin) == expected


@pytest.mark.parametrize(
    ("d", "expected"),
    [
        (0, (7, "active")),
        (29, (7, "active")),
        (30, (4, "at_risk")),
        (59, (4, "at_risk")),
        (60, (2, "dormant")),
        (89, (2, "dormant")),
        (90, (1, "churned")),
        (500, (1, "churned")),
    ],
)
def test_silence_after_one_order(d, expected):
    assert ruling(d) == expected


@pytest.mark.parametrize(("d", "share"), [(45, 43.75), (60, 37.5), (90, 37.5)])
def test_subscribed_is_neither_churned_nor_dormant_nor_silent(d, share):
    """Points 25 + 5, and 5 for d = 45; the share is of 80; risk at most 0.35."""
    verdict = judge(d, has_active_subscription=True)
    assert (verdict.rule, verdict.stage) == (7, "active")
    assert 100 * verdict.engagement_score / verdict.engagement_attainable == share


@pytest.mark.parametrize(
    ("renewal", "expected"), [(95, (1, "churned")), (65, (2, "dormant"))]
)
def test_a_renewal_counts_as_ordered(renewal, expected):
    assert ruling(renewal=renewal) == expected


def test_d_is_since_the_later_of_order_and_renewal():
    assert ruling(200, renewal=10) == (7, "active")
    assert ruling(10, renewal=200) == (7, "active")


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ((65, 5), (3, "won_back")),  # 60 days of silence
        ((64, 5), (7, "active")),  # 59
        ((100, 30), (3, "won_back")),  # the 30th day
        ((101, 31), (4, "at_risk")),  # the 31st: silent for 30 days
        ((100, 20, 5), (3, "won_back")),  # another order since
        ((70, 0), (3, "won_back")),  # on the day itself
    ],
)
def test_rule_3_won_back(orders, expected):
    assert ruling(*orders) == expected


def test_rule_3_period_of_the_policy():
    policy = Policy(won_back_days=10)
    assert ruling(100, 10, policy=policy) == (3, "won_back")
    assert ruling(100, 11, policy=policy) == (7, "active")


def test_rules_1_and_2_come_before_won_back():
    policy = Policy(won_back_days=120)
    assert ruling(200, 59, policy=policy) == (3, "won_back")
    assert ruling(200, 60, policy=policy) == (2, "dormant")
    assert ruling(200, 95, policy=policy) == (1, "churned")


@pytest.mark.parametrize(("d", "expected"), [(17, (7, "active")), (18, (4, "at_risk"))])
def test_rule_4_by_risk(d, expected):
    """Weekly orders: r = 17 / 7 gives 0.596, r = 18 / 7 gives 0.623."""
    assert ruling(*every(7, 3, last=d)) == expected


def test_rule_4_comes_before_engaged():
    """10 orders, d = 13: 45 of 55; a risk of 0.463 meets a limit of 0.46."""
    orders = every(7, 10, last=13)
    assert ruling(*orders) == (6, "engaged")
    assert ruling(*orders, policy=Policy(at_risk_score=0.46)) == (4, "at_risk")


@pytest.mark.parametrize(
    ("tier", "expected"),
    [("bronze", (4, "at_risk")), ("silver", (7, "active"))],
)
def test_rule_4_by_share(tier, expected):
    """Recency 15, one order 5, detractor 0: 22 of 75 is 29.3; 25 of 75 is 33.3."""
    fields = {"nps_category": "detractor", "nps_age": 10, "loyalty_tier": tier}
    assert ruling(20, **fields) == expected


@pytest.mark.parametrize(
    ("tier", "expected"),
    [("bronze", (4, "at_risk")), ("silver", (7, "active"))],
)
def test_rule_4_share_of_exactly_the_limit_is_no_risk(tier, expected):
    """A renewal 70 days ago, subscribed 25, tier 2 or 5: 27 or 30 of 100."""
    fields = {"nps_category": "detractor", "nps_age": 10, "loyalty_tier": tier}
    fields |= {"has_active_subscription": True, "renewal": 70}
    assert ruling(**fields) == expected


@pytest.mark.parametrize(
    ("orders", "since", "status", "expected"),
    [
        ([2], 30, "in_progress", (5, "onboarding")),
        ([2], 31, "in_progress", (7, "active")),
        ([2, 9], 30, "in_progress", (5, "onboarding")),
        ([2, 9, 16], 30, "in_progress", (7, "active")),
        ([2], 30, "not_started", (7, "active")),
        ([2], 30, "completed", (7, "active")),
        ([2, 2, 2], 30, "in_progress", (7, "active")),
        ([], 30, "in_progress", (5, "onboarding")),
    ],
)
def test_rule_5_onboarding(orders, since, status, expected):
    assert ruling(*orders, since=since, onboarding_status=status) == expected


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        (every(10, 5, last=6), (6, "engaged")),  # 30 + 15 of 55: 81.8
        (every(10, 4, last=6), (7, "active")),  # 30 + 10 of 55: 72.7
        (every(10, 10, last=13), (6, "engaged")),  # 25 + 20 of 55: 81.8
        (every(10, 20, last=14), (7, "active")),  # 15 + 25 of 55: 72.7
    ],
)
def test_rule_6_engaged(orders, expected):
    assert ruling(*orders) == expected


def test_rule_6_share_of_exactly_the_limit():
    """Recency 30, ten orders 20, bronze 2: 52 of 65 is 80."""
    assert ruling(*every(10, 10, last=6), loyalty_tier="bronze") == (6, "engaged")


def test_rule_6_needs_a_recent_order():
    policy = Policy(engaged_score=70)
    assert ruling(*every(10, 20, last=13), policy=policy) == (6, "engaged")
    assert ruling(*every(10, 20, last=14), policy=policy) == (7, "active")


def test_rule_7_subscribed_without_any_order():
    """25 of 80 is a share of 31, but only who ordered can be at risk."""
    assert ruling(has_active_subscription=True) == (7, "active")


@pytest.mark.parametrize(
    ("since", "status", "expected"),
    [
        (0, "not_started", (8, "onboarding")),
        (30, "not_started", (8, "onboarding")),
        (31, "not_started", (9, "acquired")),
        (31, "in_progress", (8, "onboarding")),
        (500, "completed", (9, "acquired")),
    ],
)
def test_rules_8_and_9_never_ordered(since, status, expected):
    assert ruling(since=since, onboarding_status=status) == expected


@pytest.mark.parametrize("days", [(60, 60, 90), (30, 90, 90), (30, 100, 90)])
def test_a_policy_out_of_order_is_refused(days):
    at_risk, dormant, churn = days
    with pytest.raises(ValueError, match="at_risk_days"):
        Policy(at_risk_days=at_risk, dormant_days=dormant, churn_days=churn)


# --- Scores ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("d", "points"),
    [
        (0, 30),
        (6, 30),
        (7, 25),
        (13, 25),
        (14, 15),
        (29, 15),
        (30, 5),
        (59, 5),
        (60, 0),
        (999, 0),
    ],
)
def test_recency_bands(d, points):
    assert oracle.recency_points(d) == points
    assert judge(d).engagement_score == points + 5


@pytest.mark.parametrize(
    ("orders", "points"),
    [
        (0, 0),
        (1, 5),
        (2, 10),
        (4, 10),
        (5, 15),
        (9, 15),
        (10, 20),
        (19, 20),
        (20, 25),
        (200, 25),
    ],
)
def test_order_bands(orders, points):
    assert oracle.order_points(orders) == points
    assert judge(*[100] * orders).engagement_score == points


@pytest.mark.parametrize(
    ("fields", "score", "attainable"),
    [
        ({}, 35, 55),
        ({"has_active_subscription": True}, 60, 80),
        ({"loyalty_tier": "bronze"}, 37, 65),
        ({"loyalty_tier": "silver"}, 40, 65),
        ({"loyalty_tier": "gold"}, 43, 65),
        ({"loyalty_tier": "platinum"}, 45, 65),
        ({"nps_category": "promoter", "nps_age": 365}, 45, 65),
        ({"nps_category": "promoter", "nps_age": 366}, 35, 55),
        ({"nps_category": "passive", "nps_age": 0}, 40, 65),
        ({"nps_category": "detractor", "nps_age": 0}, 35, 65),
    ],
)
def test_other_parts_of_the_score(fields, score, attainable):
    verdict = judge(0, **fields)
    assert verdict.engagement_score == score
    assert verdict.engagement_attainable == attainable


def test_everything_is_exactly_what_is_attainable():
    fields = {"loyalty_tier": "platinum", "nps_category": "promoter", "nps_age": 1}
    verdict = judge(*[1] * 20, has_active_subscription=True, **fields)
    assert verdict.engagement_score == verdict.engagement_attainable == 100


@pytest.mark.parametrize(
    ("orders", "trend"),
    [
        ([40, 2], "increasing"),  # 30 + 10 against 25 + 5
        ([33, 3], "increasing"),  # 30 + 10 against 30 + 5: exactly 5
        ([40, 33, 3], "stable"),  # 30 + 10 against 30 + 10
        ([44, 33, 10], "decreasing"),  # 25 + 10 against 30 + 10: exactly -5
        ([35], "decreasing"),  # 5 + 5 against 30 + 5
        ([30], "decreasing"),  # 5 + 5 against 30 + 5: the 30th day counts
        ([29], "increasing"),  # 15 + 5 against nothing
        ([200], "stable"),  # 0 + 5 against 0 + 5
        ([], "stable"),
    ],
)
@pytest.mark.parametrize("subscribed", [False, True])
def test_trend(orders, trend, subscribed):
    verdict = judge(*orders, has_active_subscription=subscribed)
    assert verdict.engagement_trend == trend


@pytest.mark.parametrize(
    ("orders", "fields", "risk"),
    [
        ([], {}, 0),
        ([0], {}, 0),
        ([30], {}, 1 / 5),  # median gap: r = 1
        ([60], {}, 1 / 2),  # r = 2
        ([30], {"policy": Policy(median_gap=15)}, 1 / 2),
        ([20, 30], {}, 1 / 2),  # own gap of 10 days
        ([14, 16], {}, 1 / 2),  # a gap of 2 days counts as 7
        ([60, 60], {}, 1 / 2),  # one order day: no gap of one's own
        ([60], {"has_active_subscription": True}, 1 / 4),
        ([], {"has_active_subscription": True}, 0),
        ([], {"renewal": 60}, 1 / 2),
        ([200], {"renewal": 60}, 1 / 2),
    ],
)
def test_churn_risk(orders, fields, risk):
    assert judge(*orders, **fields).churn_risk_score == pytest.approx(risk, abs=1e-12)


@pytest.mark.parametrize(
    ("parts", "health"),
    [
        ((0, 55, 55, "promoter", "increasing"), 100),
        ((1, 0, 55, "detractor", "decreasing"), 0),
        ((0.5, 0, 55, None, "stable"), 35),
        ((0.5, 0, 55, "passive", "stable"), 35),
        ((0.6875, 0, 55, "detractor", "decreasing"), 13),  # 12.5
        ((0, 35, 55, None, "increasing"), 79),  # 40 + 19.09 + 10 + 10
        ((0.2, 10, 55, None, "decreasing"), 47),  # 32 + 5.45 + 10
    ],
)
def test_health(parts, health):
    assert oracle.health_score(*parts) == health


def test_health_of_a_first_order_and_of_silence():
    assert judge(0).health_score == 79
    assert judge(30).health_score == 47
    assert judge(30, nps_category="promoter", nps_age=500).health_score == 57


# --- Facts and dates ---------------------------------------------------------------


def test_two_orders_on_a_day_are_one_order_day():
    facts = customer(10, 10, 20, 40)
    assert facts.total_orders == 4
    assert facts.average_order_gap == 15
    assert facts.first_order_date == ago(40)
    assert facts.last_order_date == ago(10)
    assert customer(10, 10).average_order_gap is None


def test_facts_know_nothing_of_the_future():
    lines = [(1, ago(5), 10.10), (1, ago(0), 0.20), (1, ahead(1), 99.0)]
    facts = facts_of(lines, TODAY, last_renewal_date=ahead(1))
    assert facts == Facts(ago(5), (ago(5), ago(0)), 10.30)
    assert facts_of(lines, ago(6), created=ago(9)) is None
    assert evaluate(None, POLICY, TODAY) is None


@pytest.mark.parametrize(("created", "since"), [(3, 5), (9, 9)])
def test_customer_since_is_the_earlier_day(created, since):
    facts = facts_of([(1, ago(5), 1.0)], TODAY, created=ago(created))
    assert facts.customer_since == ago(since)


def test_churned_on_is_the_last_order_plus_churn_days():
    assert judge(89).churned_on is None
    assert judge(90).churned_on == TODAY
    assert judge(300, 100).churned_on == ago(10)
    assert judge(renewal=100).churned_on is None


def test_won_back_on_is_the_latest_return():
    assert judge(300, 200, 100, 90).won_back_on == ago(100)
    assert judge(100, 41).won_back_on is None
    assert judge(300).won_back_on is None
    assert judge(100, 5, has_active_subscription=True).won_back_on is None


def test_rhythm_factor_raises_all_three_thresholds():
    """Orders 40 days apart and factor 3: all three become 120 days."""
    policy = Policy(rhythm_factor=3)
    assert ruling(159, 119) == (1, "churned")
    assert ruling(159, 119, policy=policy) == (4, "at_risk")
    assert ruling(160, 120, policy=policy) == (1, "churned")
    assert ruling(60, policy=policy) == (2, "dormant")


def test_rhythm_factor_never_lowers_a_threshold():
    policy = Policy(rhythm_factor=2)
    assert ruling(65, 60, policy=policy) == (2, "dormant")


def test_rhythm_factor_of_at_risk_days():
    """Gap 40: at risk from the 40th day; 10 points of 55 would be a risk alone."""
    policy = Policy(rhythm_factor=1, at_risk_engagement=0)
    assert ruling(79, 39, policy=policy) == (7, "active")
    assert ruling(80, 40, policy=policy) == (4, "at_risk")


def test_rhythm_factor_in_won_back_and_churned_on():
    assert judge(75, 5, policy=Policy(rhythm_factor=1)).won_back_on == ago(5)
    assert judge(75, 5, policy=Policy(rhythm_factor=2)).won_back_on is None
    slow = [153, 122, 92]  # a gap of 30.5 days: 91.5 days, the 92nd day
    assert judge(*slow, policy=Policy(rhythm_factor=3)).churned_on == TODAY


@pytest.mark.parametrize(
    ("orders", "fields", "days"),
    [
        ([0], {}, 7),  # recency 7
        ([3], {}, 4),
        ([10], {}, 4),  # recency and engaged 14
        ([25], {}, 5),  # recency and at risk 30
        ([58], {}, 2),  # recency and dormant 60
        ([85], {}, 5),  # churned 90
        ([100], {}, 7),  # nothing: weekly
        ([10], {"policy": Policy(engaged_days=12)}, 2),
        ([72], {}, 2),  # risk: 2.45 * 30 days is the 74th day
        (every(7, 3, last=14), {}, 4),  # risk: the 18th day
        ([16], {"since": 28}, 3),  # onboarding over on the 31st day
        ([], {"since": 28}, 3),
        ([], {}, 7),
        ([16], {"pinned_stage": "active", "stage_pinned_until": ahead(1)}, 2),
        ([100, 15], {"policy": Policy(won_back_days=20)}, 6),
        ([100], {"nps_category": "promoter", "nps_age": 363}, 3),
        ([126, 86], {"policy": Policy(rhythm_factor=2.25)}, 4),  # all at 90
    ],
)
def test_next_evaluation_date(orders, fields, days):
    assert judge(*orders, **fields).next_evaluation_date == ahead(days)


# --- The purchase histories --------------------------------------------------------


@pytest.fixture(scope="module")
def sample():
    return oracle.read_purchases(DATA / "cdnow_sample.txt")


@pytest.fixture(scope="module")
def master():
    return oracle.read_purchases(DATA / "cdnow_master.txt")


def test_counts_of_the_files(sample, master):
    assert len(sample) == 6919
    assert len(oracle.by_customer(sample)) == 2357
    assert len(master) == 69659
    assert len(oracle.by_customer(master)) == 23570


def test_first_line_and_period(sample):
    assert sample[0] == (4, date(1997, 1, 1), 29.33)
    days = [day for _customer, day, _amount in sample]
    assert (min(days), max(days)) == (date(1997, 1, 1), date(1998, 6, 30))


def test_the_sample_is_part_of_the_full_set(sample, master):
    full = oracle.by_customer(master)
    for number, purchases in oracle.by_customer(sample).items():
        assert Counter(full[number]) == Counter(purchases)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1997, 3, 18), (4, "at_risk")),
        (date(1997, 3, 19), (2, "dormant")),
        (date(1997, 4, 18), (1, "churned")),
        (date(1997, 8, 1), (1, "churned")),
        (date(1997, 8, 2), (3, "won_back")),
        (date(1997, 9, 1), (3, "won_back")),
        (date(1997, 9, 2), (4, "at_risk")),
    ],
)
def test_one_customer_through_time(sample, day, expected):
    """Customer 4 bought on 1 and 18 January, 2 August and 12 December 1997."""
    verdict = evaluate(facts_of(oracle.by_customer(sample)[4], day), POLICY, day)
    assert (verdict.rule, verdict.stage) == expected


def test_one_verdict_in_full(sample):
    """Customer 4, 8 days after the third order: r = 8 / 106.5, 35 of 55 points."""
    day = date(1997, 8, 10)
    facts = facts_of(oracle.by_customer(sample)[4], day)
    assert facts.total_revenue == pytest.approx(29.33 + 29.73 + 14.96)
    verdict = evaluate(facts, POLICY, day)
    assert verdict.churn_risk_score == pytest.approx(0.0014087, abs=1e-7)
    assert replace(verdict, churn_risk_score=0) == oracle.Verdict(
        stage="won_back",
        rule=3,
        engagement_score=35,
        engagement_attainable=55,
        engagement_trend="increasing",
        churn_risk_score=0,
        health_score=79,
        churned_on=None,
        won_back_on=date(1997, 8, 2),
        next_evaluation_date=date(1997, 8, 16),
    )


def silence(lines, day):
    """Days on ``day`` since the last of the purchases."""
    return (day - max(bought for _c, bought, _a in lines if bought <= day)).days


@pytest.mark.parametrize("day", [date(1997, 6, 30), date(1998, 6, 30)])
def test_stage_counts_against_a_direct_count(sample, day):
    """Churned and dormant depend on the last purchase alone."""
    customers = oracle.by_customer(sample).values()
    verdicts = [evaluate(facts_of(lines, day), POLICY, day) for lines in customers]
    stages = Counter(verdict.stage for verdict in verdicts)
    silent = [silence(lines, day) for lines in customers]
    assert stages["churned"] == sum(d >= 90 for d in silent)
    assert stages["dormant"] == sum(60 <= d < 90 for d in silent)
    assert sum(stages.values()) == 2357


# --- Nothing changes before next_evaluation_date -----------------------------------

VARIANTS = [
    ({}, POLICY),
    ({"onboarding_status": "in_progress"}, POLICY),
    ({}, Policy(rhythm_factor=1.7)),
    ({}, Policy(at_risk_score=0.2, engaged_days=5, won_back_days=12)),
    ({}, Policy(at_risk_days=11, dormant_days=23, churn_days=41, median_gap=13)),
    ({"has_active_subscription": True, "loyalty_tier": "gold"}, POLICY),
]


def random_cases(sample, count):
    """Random customers, each on a random day after the first purchase."""
    chance = random.Random(1997)
    customers = oracle.by_customer(sample)
    for number in chance.sample(sorted(customers), count):
        start = customers[number][0][1]
        today = start + timedelta(chance.randrange(400))
        yield chance, customers[number], today


def builder(purchases, today, **fields):
    """Facts on a later day when nothing happens after `today`."""
    known = [purchase for purchase in purchases if purchase[1] <= today]
    return lambda day: facts_of(known, day, **fields)


def assert_no_change_before_next(build, policy, today):
    due = evaluate(build(today), policy, today).next_evaluation_date
    change = oracle.brute_next_change(build, policy, today, oracle.WEEK)
    assert today < due <= today + timedelta(oracle.WEEK)
    assert change is None or change >= due


@pytest.mark.parametrize(("fields", "policy"), VARIANTS)
def test_no_change_before_next_evaluation(sample, fields, policy):
    for chance, purchases, today in random_cases(sample, 300):
        extra = {"created": today - timedelta(chance.randrange(60))}
        build = builder(purchases, today, **extra, **fields)
        assert_no_change_before_next(build, policy, today)


def test_no_change_before_next_evaluation_with_pin_nps_and_renewal(sample):
    for chance, purchases, today in random_cases(sample, 600):
        build = builder(
            purchases,
            today,
            pinned_stage="engaged",
            stage_pinned_until=today + timedelta(chance.randrange(-3, 9)),
            nps_category=chance.choice(["promoter", "passive", "detractor"]),
            nps_collected_on=today - timedelta(chance.randrange(355, 370)),
            last_renewal_date=today - timedelta(chance.randrange(100)),
            has_active_subscription=chance.random() < 0.5,
        )
        assert_no_change_before_next(build, POLICY, today)


def test_every_change_falls_on_an_evaluation(sample):
    """From one evaluation to the next, 120 days on: no change goes unnoticed."""
    for _chance, purchases, start in random_cases(sample, 60):
        build = builder(purchases, start)
        today = start
        while today < start + timedelta(120):
            assert_no_change_before_next(build, POLICY, today)
            today = evaluate(build(today), POLICY, today).next_evaluation_date


def test_the_brute_force_finds_a_change():
    facts = customer(28)
    assert oracle.brute_next_change(lambda _day: facts, POLICY, TODAY, 7) == ahead(2)
    assert oracle.brute_next_change(lambda _day: facts, POLICY, TODAY, 1) is None
