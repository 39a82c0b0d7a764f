"""Who buys when in the generated part of the demo: plain values, always the same."""

from dataclasses import dataclass
from random import Random

SEED = "customer lifecycle demo"


@dataclass(frozen=True, slots=True)
class Customer:
    """A generated customer; days are counted back from today."""

    kind: str
    signed_up: int
    orders: tuple = ()
    subscribed: int = 0


def customers():
    """Return the generated customers, so that every stage has some.

    >>> {customer.kind for customer in customers()} == set(KINDS)
    True
    """
    dice = Random(SEED)
    return [
        make(kind, dice) for kind, (count, make) in KINDS.items() for _i in range(count)
    ]


def _lead(kind, dice):
    return Customer(kind, dice.randint(1, 27))


def _waiting(kind, dice):
    return Customer(kind, dice.randint(33, 240))


def _newcomer(kind, dice):
    signed_up = dice.randint(4, 45)
    first = max(signed_up - dice.randint(0, 3), 1)
    return Customer(kind, signed_up, _days(dice, first, 1, (9, 20), 3))


def _regular(kind, dice):
    first = dice.randint(60, 400)
    return Customer(
        kind, first + 2, _days(dice, first, dice.randint(1, 16), (9, 30), 10)
    )


def _fan(kind, dice):
    first = dice.randint(60, 300)
    return Customer(kind, first + 1, _days(dice, first, dice.randint(1, 6), (3, 9), 16))


def _returned(kind, dice):
    back = dice.randint(1, 26)
    silent = back + dice.randint(65, 160)
    before = _days(dice, silent + dice.randint(40, 90), silent, (12, 30), 5)
    return Customer(kind, before[0] + 1, (*before, back))


def _slipping(kind, dice):
    first = dice.randint(90, 300)
    return Customer(
        kind, first + 1, _days(dice, first, dice.randint(24, 50), (6, 11), 8)
    )


def _quiet(kind, dice):
    first = dice.randint(130, 300)
    return Customer(kind, first, _days(dice, first, dice.randint(61, 87), (10, 25), 6))


def _subscriber(kind, dice):
    first = dice.randint(30, 300)
    last = dice.randint(3, 28)
    orders = _days(dice, first, last, (14, 40), 6)
    return Customer(kind, first + 1, orders, dice.randint(20, first))


def _days(dice, first, last, gap, most):
    """Return days of orders from ``last`` back towards ``first``, oldest first."""
    days = [last]
    while len(days) < most and days[-1] + gap[1] <= first:
        days.append(days[-1] + dice.randint(*gap))
    return tuple(reversed(days))


KINDS = {
    "lead": (52, _lead),
    "waiting": (44, _waiting),
    "newcomer": (68, _newcomer),
    "regular": (112, _regular),
    "fan": (36, _fan),
    "returned": (32, _returned),
    "slipping": (52, _slipping),
    "quiet": (32, _quiet),
    "subscriber": (28, _subscriber),
}


def amounts(count, number):
    """Return what the orders of the ``number``-th customer are worth."""
    dice = Random(f"{SEED} {number}")
    usual = dice.choice((12, 18, 25, 40, 75))
    return [round(usual * dice.uniform(0.6, 1.6), 2) for _i in range(count)]
