"""What past orders would have earned, one after the other: no records, no database."""

from collections import deque

from .movement import rounded, whole_points


def replay(orders, table, start_of):
    """Return what each order of one customer earned, by the tier before it.

    What was refunded later counts for no tier: not even for the time in between, of
    which old records say nothing.

    :param orders: (moment, points before the tier, share that was refunded), the oldest
        first
    :param table: tiers as (points from, code, multiplier), the lowest first
    :param start_of: returns from when points count at a moment; None: all of them do
    :return: list of (points, points of them that the refund takes back)

    >>> table = ((0, "bronze", 1.0), (100, "silver", 1.5))
    >>> replay([(1, 120, 0), (2, 10, 0), (3, 10, 0.5)], table, lambda moment: None)
    [(120, 0), (15, 0), (15, 8)]
    """
    window, total, found = deque(), 0.0, []
    for moment, points, share in orders:
        since = start_of(moment)
        while since is not None and window and window[0][0] < since:
            total = rounded(total - window.popleft()[1])
        earned = whole_points(points * _multiplier(table, total))
        back = earned - whole_points(earned * (1 - share)) if share else 0
        found.append((earned, back))
        window.append((moment, earned - back))
        total = rounded(total + earned - back)
    return found


def _multiplier(table, points):
    multiplier = 1.0
    for start, _code, value in table:
        if points >= start:
            multiplier = value
    return multiplier
