"""Targets of milestones such as ``order_count >= 1``: parsed, never evaluated."""

import math
import re
from decimal import Decimal

from ..const import MAX_TARGET, OPERATOR_KEYS

# The longer operators first: ">=" must not be read as ">".
PATTERN = re.compile(
    r"\s*([a-z][a-z0-9_]*)\s*({})\s*([0-9]+(?:\.[0-9]+)?)\s*".format(
        "|".join(sorted(OPERATOR_KEYS, key=len, reverse=True))
    )
)


def parse_target(text):
    """Return (metric, operator, number) of a target.

    >>> parse_target("order_count >= 1")
    ('order_count', '>=', 1.0)
    >>> parse_target("__import__('os')")
    Traceback (most recent call last):
    ValueError: __import__('os')

    :param str text: metric, operator, and a number that is not negative
    :raises ValueError: it is no such text
    """
    found = PATTERN.fullmatch(text) if isinstance(text, str) else None
    number = float(found[3]) if found else math.inf
    if not number <= MAX_TARGET:
        raise ValueError(text)
    return found[1], found[2], number


def write_target(metric, operator, number):
    """Return the text of a target.

    >>> write_target("total_spend", ">", 99.5)
    'total_spend > 99.5'
    >>> write_target("total_spend", ">", 0.00001)
    'total_spend > 0.00001'
    """
    exact = Decimal(int(number) if number == int(number) else repr(number))
    return f"{metric} {operator} {exact:f}"
