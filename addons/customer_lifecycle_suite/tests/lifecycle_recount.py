"""The dashboard of the lifecycle, counted again in plain Python from rows as they are.

Knows nothing of the addons: rows are dicts of plain values, moments are naive UTC, days
are dates in the zone of the shop.
"""

from collections import Counter, defaultdict
from datetime import timedelta

from .year_recount import percent, stages_at

ACTIVE = ("active", "engaged", "won_back")
LAPSED = ("dormant", "churned")
# Who has been a customer for less than a month counts as one of a month.
YOUNGEST = 30


def local_day(moment, hours):
    """Return the date of a moment in a zone so many hours ahead of UTC."""
    return (moment + timedelta(hours=hours)).date()


# ---------------------------------------------------------------------- what moved
def _stages_before(moves, moment):
    """Return {customer: stage} as moves before a moment left them, the oldest first."""
    return {move["customer"]: move["to"] for move in moves if move["at"] < moment}


def _reached(moves, stages, first, after):
    """Return the customers who moved to one of the stages in a period."""
    return {
        move["customer"]
        for move in moves
        if first <= move["at"] < after and move["to"] in stages
    }


def retention(moves, first, after):
    """Return the percent who stayed, None of nobody.

    Retention = 1 - (churned in the period / not churned at its start), the contract of
    the dashboard. Per customer: who churned twice churned once.
    """
    before = _stages_before(moves, first)
    stayed = {customer for customer, stage in before.items() if stage != "churned"}
    lost = stayed & _reached(moves, ("churned",), first, after)
    return percent(len(stayed - lost), len(stayed)) if stayed else None


def win_back(moves, first, after):
    """Return the percent of the lapsed who came back, None of nobody.

    Lapsed is who was dormant or churned when the period began, or became so in it.
    """
    before = _stages_before(moves, first)
    lapsed = {customer for customer, stage in before.items() if stage in LAPSED}
    back = _reached(moves, ("won_back",), first, after)
    lapsed |= back | _reached(moves, LAPSED, first, after)
    return percent(len(back), len(lapsed)) if lapsed else None


def onboarding(runs, steps, first, after):
    """Return the percent of those who began in the period and have completed.

    Of several journeys of a customer the latest counts.

    :param runs: rows with id, customer, started, expired, holdout, the oldest first
    :param steps: rows with run, done and skipped
    """
    latest = {run["customer"]: run for run in runs if not run["holdout"]}
    begun = [run for run in latest.values() if first <= run["started"] < after]
    done = {row["run"] for row in steps if row["done"]}
    left = {row["run"] for row in steps if not row["done"] and not row["skipped"]}
    completed = [
        run
        for run in begun
        if run["id"] in done and run["id"] not in left and not run["expired"]
    ]
    return percent(len(completed), len(begun)) if begun else None


# ---------------------------------------------------------------------- who is who
def sign_up_days(customers, purchases, hours):
    """Return {customer: day}: of the contact, or of an order that is older."""
    days = {row["customer"]: local_day(row["created"], hours) for row in customers}
    for order in purchases:
        if order["customer"] in days:
            day = local_day(order["at"], hours)
            days[order["customer"]] = min(days[order["customer"]], day)
    return days


def revenue(purchases, first, after):
    """Return what was ordered in a period."""
    return sum(row["amount"] for row in purchases if first <= row["at"] < after)


def spent(purchases, until):
    """Return {customer: what was ordered before a moment}."""
    sums = defaultdict(float)
    for order in purchases:
        if order["at"] < until:
            sums[order["customer"]] += order["amount"]
    return sums


def at_stake(customers, moves, purchases, hours):
    """Return what may be lost: churn risk times yearly revenue, of those at risk.

    As of the day on which a customer was looked at last.
    """
    stages = {move["customer"]: move["to"] for move in moves}
    since = sign_up_days(customers, purchases, hours)
    at_risk = {
        row["customer"]: row
        for row in customers
        if stages.get(row["customer"]) == "at_risk"
    }
    bought = Counter()
    for order in purchases:
        row = at_risk.get(order["customer"])
        if row and local_day(order["at"], hours) <= row["evaluated"]:
            bought[order["customer"]] += order["amount"]
    total = 0
    for customer, row in at_risk.items():
        age = (row["evaluated"] - since[customer]).days
        total += row["risk"] * bought[customer] * 365 / max(age, YOUNGEST)
    return total


def distribution(moves, purchases, moment, mine):
    """Return {stage: (customers, revenue, how many have ordered)} at a moment.

    :param mine: ids of the customers who count
    """
    moves = [move for move in moves if move["customer"] in mine]
    stages = {move["customer"]: move["to"] for move in moves if move["at"] < moment}
    bought = spent(purchases, moment)
    found = {stage: [count, 0, 0] for stage, count in stages_at(moves, moment).items()}
    for customer, stage in stages.items():
        found[stage][1] += bought.get(customer, 0)
        found[stage][2] += customer in bought
    return {stage: tuple(figures) for stage, figures in found.items()}


def funnel(stages):
    """Return how many came how far, of a ``distribution``."""
    return {
        "acquired": sum(count for count, _money, _buyers in stages.values()),
        "first_order": sum(buyers for _count, _money, buyers in stages.values()),
        "active": sum(stages.get(stage, (0, 0, 0))[0] for stage in ACTIVE),
        "engaged": stages.get("engaged", (0, 0, 0))[0],
    }


# ------------------------------------------------------------------------- cohorts
def _month(day):
    return day.year * 12 + day.month - 1


def cohorts(customers, purchases, today, hours):
    """Return {(year, month): (customers, [share who ordered k months later, ...])}.

    A cohort are those who signed up in a month; the month of today is the last one.
    """
    since = sign_up_days(customers, purchases, hours)
    size = Counter(_month(day) for day in since.values() if day <= today)
    seen = defaultdict(set)
    for order in purchases:
        day, customer = local_day(order["at"], hours), order["customer"]
        if customer in since and day <= today:
            seen[_month(since[customer]), _month(day)].add(customer)
    return {
        (month // 12, month % 12 + 1): (
            count,
            [
                len(seen[month, later]) / count
                for later in range(month, _month(today) + 1)
            ],
        )
        for month, count in size.items()
    }
