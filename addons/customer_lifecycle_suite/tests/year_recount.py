"""Figures of the dashboards, counted again in plain Python from rows as they are.

Knows nothing of the addons: rows are dicts of plain values, moments are naive UTC.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from math import sqrt
from statistics import median

DAY = timedelta(days=1)
# What became of messages that left the house, and channels that lead to no customer.
SENT = ("queued", "sent", "opened", "clicked", "replied", "bounced")
COLLEAGUES = ("internal", "activity")


def percent(part, whole):
    return 100 * part / whole if whole else 0.0


# ------------------------------------------------------------------------- stages
def stages_at(moves, moment):
    """Return {stage: customers} as the moves until a moment left them.

    :param moves: rows with customer, to and at, the oldest first
    """
    stages = {}
    for move in moves:
        if move["at"] <= moment:
            stages[move["customer"]] = move["to"]
    return Counter(stages.values())


def flow(moves, first, after):
    """Return {(from, to): moves} of a period."""
    return Counter(
        (move["from"], move["to"]) for move in moves if first <= move["at"] < after
    )


# ------------------------------------------------------------------------ surveys
def score(scores):
    """Return what the answers come to: nps and margin are False without any."""
    up = sum(1 for given in scores if given >= 9)
    down = sum(1 for given in scores if given <= 6)
    count = len(scores)
    found = {"promoters": up, "detractors": down, "passives": count - up - down}
    found |= {"responses": count, "nps": False, "margin": False}
    if count:
        found["nps"] = 100 * (up - down) / count
    if count > 1:
        p, d = up / count, down / count
        found["margin"] = 196 * sqrt((p + d - (p - d) ** 2) / count)
    return found


def by_month(rows, name, hours=0):
    """Return {(year, month): rows} of moments in a zone so many hours ahead of UTC."""
    months = defaultdict(list)
    for row in rows:
        local = row[name] + timedelta(hours=hours)
        months[local.year, local.month].append(row)
    return dict(months)


def satisfaction(scores):
    """Return (answers, average, percent who gave 4 or 5)."""
    happy = sum(1 for given in scores if given >= 4)
    return len(scores), sum(scores) / len(scores), percent(happy, len(scores))


# ----------------------------------------------------------------------- win-back
def won_back(attempts, orders):
    """Return {attempt: order} of the orders that won customers back.

    An attempt is won by the first order of its customer that came while it lasted.

    :param attempts: rows with id, customer, started and ended (None: under way)
    :param orders: confirmed orders with id, customer, at and untaxed
    """
    mine = defaultdict(list)
    for order in sorted(orders, key=lambda row: (row["at"], row["id"])):
        mine[order["customer"]].append(order)
    found = {}
    for attempt in attempts:
        for order in mine[attempt["customer"]]:
            begun = order["at"] >= attempt["started"]
            if begun and (not attempt["ended"] or order["at"] <= attempt["ended"]):
                found[attempt["id"]] = order
                break
    return found


def win_back(attempts, orders):
    """Return what the campaigns brought; the control group counts in no figure."""
    spoken_to = [row for row in attempts if not row["holdout"]]
    won = won_back(spoken_to, orders)
    ended = [row for row in spoken_to if row["ended"]]
    return {
        "targeted": len(spoken_to),
        "ended": len(ended),
        "won_back": len(won),
        "rate": percent(len(won), len(ended)),
        "revenue": sum(order["untaxed"] for order in won.values()),
    }


# --------------------------------------------------------------------- onboarding
def onboarding(runs, steps, orders):
    """Return how far customers came.

    :param runs: rows with id, customer, started, completed, expired (whether the time
        was over) and holdout
    :param steps: rows with run, code, done, skipped and opened
    """
    runs = {row["id"]: row for row in runs if not row["holdout"]}
    steps = [row for row in steps if row["run"] in runs]
    open_steps = {row["run"] for row in steps if not row["done"] and not row["skipped"]}
    some = {row["run"] for row in steps if row["done"]}
    over = {number for number, row in runs.items() if row["expired"]}
    walked = runs.keys() - open_steps - over
    completed = walked & some
    firsts = [first for row in runs.values() if (first := _first_order(row, orders))]
    took = [runs[number]["completed"] - runs[number]["started"] for number in completed]
    return {
        "started": len(runs),
        "completed": len(completed),
        "skipped": len(walked - some),
        "expired": len(over),
        "in_progress": len(open_steps - over),
        "completion_rate": percent(len(completed), len(runs)),
        "median_days": _median_days(took),
        "median_days_to_first_order": _median_days(firsts),
        "steps": _funnel(steps, open_steps - over),
    }


def _first_order(run, orders):
    mine = [
        order["at"] - run["started"]
        for order in orders
        if order["customer"] == run["customer"] and order["at"] >= run["started"]
    ]
    return min(mine, default=None)


def _median_days(spans):
    return median(span / DAY for span in spans) if spans else False


def _funnel(steps, under_way):
    """Return {code: (reached, completed, dropped, drop-off in percent)}."""
    found = {}
    for code in {row["code"] for row in steps}:
        mine = [row for row in steps if row["code"] == code]
        reached = sum(1 for row in mine if row["opened"] or row["done"])
        dropped = sum(1 for row in mine if _is_dropped(row, under_way))
        done = sum(1 for row in mine if row["done"])
        found[code] = (reached, done, dropped, percent(dropped, reached))
    return found


def _is_dropped(row, under_way):
    """Whether a step was in front of somebody who left without it."""
    is_left = row["opened"] and not (row["done"] or row["skipped"])
    return bool(is_left) and row["run"] not in under_way


# ---------------------------------------------------------------------- campaigns
def campaign(runs, orders, deliveries):
    """Return what a campaign brought; the control group counts in no figure.

    :param runs: rows with id, status, order (id or None), value and holdout
    :param orders: {id: order with untaxed}
    :param deliveries: rows with run, state, channel, opened and clicked
    """
    runs = [row for row in runs if not row["holdout"]]
    won = [row for row in runs if row["converted"]]
    sent = [
        row
        for row in deliveries
        if row["state"] in SENT and row["channel"] not in COLLEAGUES
    ]
    clicked = sum(1 for row in sent if row["clicked"])
    opened = sum(1 for row in sent if row["opened"] or row["clicked"])
    paid = (
        orders[row["order"]]["untaxed"] if row["order"] else row["value"] for row in won
    )
    return {
        "total_enrolled": len(runs),
        "total_converted": len(won),
        "conversion_rate": percent(len(won), len(runs)),
        "revenue": sum(paid),
        "sent_count": len(sent),
        "opened_rate": percent(opened, len(sent)),
        "clicked_rate": percent(clicked, len(sent)),
    }


# -------------------------------------------------------------------------- points
def points(transactions):
    """Return what was issued, redeemed and expired, each positive."""
    sums = Counter()
    for row in transactions:
        sums[row["type"]] += row["points"]
    return sums["earn"], -sums["redeem"], -sums["expire"]
