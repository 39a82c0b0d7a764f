"""What campaigns brought, counted again in plain Python from rows as they are.

Knows nothing of the addons: rows are dicts of plain values, moments are naive UTC.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from math import sqrt
from statistics import fmean, variance

from .year_recount import COLLEAGUES, SENT, percent

# A bounced message left the house, and arrived nowhere.
ARRIVED = tuple(state for state in SENT if state != "bounced")
# Passes of customers who were merged or erased are nobody's.
NOBODYS = ("merged", "erased")
# Fewer customers than this on one side tell nothing.
SMALLEST = 30
Z = 1.959963984540054


# --------------------------------------------------------------------- conversions
def window(settings):
    """Return how long after it began a pass may reach its goal.

    A win-back attempt lasts until its last message's offer has run out, if that is
    longer than the window.
    """
    days = timedelta(days=settings["days"])
    if "valid" not in settings:
        return days
    longest = max((row["hours"] for row in settings["delays"]), default=0)
    return max(days, timedelta(hours=longest, days=settings["valid"]))


def orders_within(passes, orders, length):
    """Return {pass: its orders}: those of the customer within the window, the oldest
    first; of two passes the one that began later has an order.

    :param orders: the oldest first
    """
    of_customer = defaultdict(list)
    for row in passes:
        of_customer[row["customer"]].append(row)
    found = defaultdict(list)
    for order in orders:
        begun = [
            row
            for row in of_customer[order["customer"]]
            if row["started"] <= order["at"]
        ]
        if begun:
            latest = max(row["started"] for row in begun)
            for row in begun:
                is_within = order["at"] <= row["started"] + length
                if row["started"] == latest and is_within:
                    found[row["id"]].append(order)
    return found


def _is_about(asked, given):
    """Whether an event is about what a pass was to bring about: the same documents, if
    both name any.
    """
    asked = asked or {}
    mine = (asked.get("data") or {}).get("documents") or asked.get("documents")
    theirs = (given or {}).get("documents")
    return not mine or not theirs or bool(set(mine) & set(theirs))


def events_within(passes, events, length):
    """Return {pass: events that it was to bring about}, the oldest first."""
    found = {}
    for row in passes:
        mine = [
            event
            for event in events
            if event["customer"] == row["customer"]
            and row["started"] <= event["at"] <= row["started"] + length
            and _is_about(row["context"], event["data"])
        ]
        if mine:
            found[row["id"]] = mine
    return found


def net(order, refunds):
    """Return what an order came to, less what credit notes took back."""
    return order["untaxed"] - _refunded(order, refunds)


def _refunded(order, refunds):
    return sum(row["amount"] for row in refunds if row["order"] == order["id"])


def worth(success, refunds):
    """Return what an order or event brought."""
    if "id" in success:
        return net(success, refunds)
    value = (success["data"] or {}).get("value")
    return value if isinstance(value, int | float) else 0


# -------------------------------------------------------------------------- totals
def totals(passes, successes, refunds):
    """Return what became of the customers of a campaign, but for its control group.

    :param successes: {pass: what it converted to}
    """
    passes = [row for row in passes if not row["holdout"]]
    won = [row["id"] for row in passes if row["id"] in successes]
    states = Counter(row["status"] for row in passes if row["id"] not in successes)
    return {
        "total_enrolled": len(passes),
        "total_active": sum(1 for row in passes if row["walks"]),
        "total_completed": states["completed"],
        "total_converted": len(won),
        "conversion_rate": percent(len(won), len(passes)),
        "revenue": sum(worth(successes[number], refunds) for number in won),
    }


def cost(codes, points, journeys=None, runs=None):
    """Return what was given: the discount on confirmed orders, the price of what was
    free, what points were worth.
    """
    total = 0
    for row in [*codes, *points]:
        if journeys is not None and row["journey"] not in journeys:
            continue
        if runs is not None and row["run"] not in runs:
            continue
        if "worth" in row:
            total += row["worth"]
        else:
            total += (row["price"] if row["is_gift"] else -row["subtotal"]) / row[
                "rate"
            ]
    return total


# --------------------------------------------------------------------------- steps
def _left(message):
    return message["state"] in SENT


def _to_customer(message):
    return message["channel"] not in COLLEAGUES


def earned_by(messages, moment):
    """Return the step whose message reached the customer last before the success.

    :param messages: of the pass, the oldest first
    """
    step = None
    for row in messages:
        if row["at"] <= moment and row["state"] in ARRIVED and _to_customer(row):
            step = row["step"]
    return step


def steps(messages, successes, refunds):
    """Return {step: figures}.

    :param messages: the oldest first
    :param successes: {pass: what it converted to}, without the control group
    """
    found = defaultdict(lambda: Counter(not_sent=Counter()))
    for row in messages:
        if row["reason"] == "holdout":
            continue
        figures = found[row["step"]]
        figures["deliveries"] += 1
        figures["sent"] += _left(row)
        figures["to_customers"] += _left(row) and _to_customer(row)
        figures["opened"] += bool(row["opened"] or row["clicked"])
        figures["clicked"] += bool(row["clicked"])
        if not _left(row):
            figures["not_sent"][row["reason"] or row["state"]] += 1
    of_pass = defaultdict(list)
    for row in messages:
        of_pass[row["run"]].append(row)
    for number, success in successes.items():
        if step := earned_by(of_pass[number], success["at"]):
            found[step]["converted"] += 1
            found[step]["revenue"] += worth(success, refunds)
    return found


def levels(messages):
    """Return how many customers were reached, opened and clicked, at least once."""
    arrived = [row for row in messages if row["state"] in ARRIVED and _to_customer(row)]
    clicked = {row["run"] for row in arrived if row["clicked"]}
    return {
        "reached": len({row["run"] for row in arrived}),
        "opened": len(clicked | {row["run"] for row in arrived if row["opened"]}),
        "clicked": len(clicked),
    }


def per_day(passes, successes, hours):
    """Return {day: (entered, converted)} in a zone so many hours ahead of UTC."""
    entered, converted = Counter(), Counter()
    for row in passes:
        if not row["holdout"]:
            entered[(row["started"] + timedelta(hours=hours)).date()] += 1
            if row["id"] in successes:
                moment = successes[row["id"]]["at"] + timedelta(hours=hours)
                converted[moment.date()] += 1
    days = entered.keys() | converted.keys()
    return {day: (entered[day], converted[day]) for day in days}


# ---------------------------------------------------------------------------- lift
def groups(passes, orders_of, refunds, successes=None):
    """Return (treated, control): lists of (converted, revenue, margin) per pass.

    :param orders_of: {pass: its orders}
    :param successes: ids of passes that converted; by default those with an order
    """
    found = [], []
    for row in passes:
        if row["reason"] in NOBODYS:
            continue
        mine = orders_of.get(row["id"], [])
        margin = 0
        for order in mine:
            taken = _refunded(order, refunds)
            kept = 1 - (taken / order["untaxed"] if order["untaxed"] else 0)
            margin += order["margin"] * kept
        is_won = row["id"] in (orders_of if successes is None else successes)
        revenue = sum(net(order, refunds) for order in mine)
        found[row["holdout"]].append((is_won, revenue, margin))
    return found


def _wilson(share, size):
    """Return where a share may lie: the roots of (p - x)^2 = z^2 x (1 - x) / n.

    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.
    """
    a, b, c = 1 + Z * Z / size, -(2 * share + Z * Z / size), share * share
    root = sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def rate_lift(treated, control):
    """Return (treated, control, low, high) of the share that converted.

    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    ours, theirs = (fmean(map(bool, group)) for group in (treated, control))
    low1, high1 = _wilson(ours, len(treated))
    low2, high2 = _wilson(theirs, len(control))
    low = ours - theirs - sqrt((ours - low1) ** 2 + (high2 - theirs) ** 2)
    high = ours - theirs + sqrt((high1 - ours) ** 2 + (theirs - low2) ** 2)
    return ours, theirs, low, high


def amount_lift(treated, control):
    """Return (treated, control, low, high) of an amount per customer.

    Welch, B. L. (1947), Biometrika 34, 28-35, with the normal quantile.
    """
    ours, theirs = fmean(treated), fmean(control)
    spread = Z * sqrt(
        sum(
            variance(group) / len(group)
            for group in (treated, control)
            if len(group) > 1
        )
    )
    return ours, theirs, ours - theirs - spread, ours - theirs + spread


def verdict(sizes, low, high):
    if min(sizes) < SMALLEST or low <= 0 <= high:
        return "too_small"
    return "better" if low > 0 else "worse"
