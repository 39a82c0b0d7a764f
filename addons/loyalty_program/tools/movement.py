"""What moves points, and where an account stands: plain values, no records."""

from dataclasses import dataclass
from typing import NamedTuple

from odoo.tools import float_compare, float_round

UNIT = 2


def rounded(points):
    """Return points to the hundredth, as the ledger keeps them.

    >>> rounded(0.1 + 0.2)
    0.3
    """
    return float_round(points, precision_digits=UNIT)


def whole_points(amount):
    """Return how many whole points an amount earns.

    The noise of binary fractions does not cost a point.

    >>> whole_points(0.29 * 100)
    29
    >>> whole_points(-3.5)
    0
    """
    return max(int(float_round(amount, precision_digits=0, rounding_method="DOWN")), 0)


def refunded_share(total, invoiced, refunded):
    """Return how much of an order was refunded, 0 to 1.

    A credit note that is followed by a new invoice corrected the first one.

    >>> refunded_share(100, 100, 30)
    0.3
    >>> refunded_share(100, 200, 100)
    0.0
    """
    if float_compare(total, 0, precision_digits=2) <= 0:
        return 0.0
    gone = (min(invoiced, total) - (invoiced - refunded)) / total
    return min(max(gone, 0.0), 1.0)


def shared_out(parts, due, share):
    """Return what stands of each part of an order's points; together whole points, as
    if they had been granted at once.

    :param list parts: points, the first granted first
    :param float due: what the order earns as it is now; None if it was not changed
    :param float share: how much of it was refunded, 0 to 1

    >>> shared_out([100, 200], 150, 0)
    [100, 50]
    >>> shared_out([33, 33], None, 0.5)
    [16, 17]
    >>> shared_out([100, 200], 300, 1)
    [0, 0]
    """
    found, reached, given = [], 0, 0
    for part in parts:
        reached += part if due is None else min(part, max(due - reached, 0))
        total = whole_points(reached * (1 - share))
        found.append(total - given)
        given = total
    return found


class Movement(NamedTuple):
    """One row of the ledger to be: signed points, and why."""

    kind: str
    points: float
    source_type: str
    source_id: int | None = None
    description: str | None = None
    key: str | None = None
    # Of points that come in; out of lots that go back it is the lots' own.
    expires_at: object = None
    # Since when there are such points, where they were somebody's before.
    issued_at: object = None
    redemption_type: str | None = None
    redemption_value: float | None = None
    redemption_code: str | None = None
    # Points that come back to the lots which these transactions took them from, or
    # go out of the lots which they made.
    undoes: tuple = ()
    # They come back to the lots of these transactions alone; empty: to all.
    lots: tuple = ()
    # Nobody asks for them: they go, whatever is left, and the rest is owed.
    owed: bool = False


@dataclass
class Standing:
    """An account as it was locked; ``apply`` keeps it up to date."""

    id: int
    card_id: int
    program_id: int
    customer_id: int
    company_id: int
    balance: float
    debt: float
    lifetime: float
    tier: str
    # The commercial partner, whom the timeline is about.
    member_id: int | None = None

    @property
    def available(self):
        """Points that lie in lots."""
        return rounded(self.balance + self.debt)

    def apply(self, movement):
        """Move the balance; return what of it the debt takes, or leaves as debt.

        :return: (points out of, or into lots; change of the debt)
        """
        points = movement.points
        if points >= 0:
            repaid = min(self.debt, points)
            change = -repaid
        else:
            change = max(-points - self.available, 0.0)
        self.balance = rounded(self.balance + points)
        self.debt = rounded(self.debt + change)
        if movement.kind == "earn":
            self.lifetime = rounded(self.lifetime + points)
        return rounded(abs(points) - abs(change)), rounded(change)
