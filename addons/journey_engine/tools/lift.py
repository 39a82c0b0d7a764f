"""What a journey changed: the customers it spoke to against its control group."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

# Fewer customers on one side, and no interval is to be trusted.
SMALLEST = 30


@dataclass(frozen=True)
class Group:
    """What the customers of one side did within the attribution window.

    ``*_squares`` are the sums of the squares of the customers' amounts.
    """

    size: int = 0
    conversions: int = 0
    revenue: float = 0.0
    revenue_squares: float = 0.0
    margin: float = 0.0
    margin_squares: float = 0.0


@dataclass(frozen=True)
class Lift:
    """A difference per customer with its confidence interval."""

    treated: float
    control: float
    difference: float
    low: float
    high: float
    verdict: str  # better, worse, too_small


def wilson(successes, size, z):
    """Return Wilson's score interval of a share.

    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.

    >>> low, high = wilson(10, 100, 1.96)
    >>> round(low, 4), round(high, 4)
    (0.0552, 0.1744)
    """
    share = successes / size
    centre = share + z * z / (2 * size)
    spread = z * sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return (
        (centre - spread) / (1 + z * z / size),
        (centre + spread) / (1 + z * z / size),
    )


def rate_lift(treated, control, confidence=0.95):
    """Return the Lift of the conversion rate.

    The interval is Newcombe's hybrid score interval (method 10 of Newcombe, R. G.
    (1998), Statistics in Medicine 17, 873-890), which holds for rare conversions, too.
    """
    if not treated.size or not control.size:
        return Lift(0.0, 0.0, 0.0, 0.0, 0.0, "too_small")
    z = _quantile(confidence)
    ours, theirs = (
        treated.conversions / treated.size,
        control.conversions / control.size,
    )
    low1, high1 = wilson(treated.conversions, treated.size, z)
    low2, high2 = wilson(control.conversions, control.size, z)
    difference = ours - theirs
    low = difference - sqrt((ours - low1) ** 2 + (high2 - theirs) ** 2)
    high = difference + sqrt((high1 - ours) ** 2 + (theirs - low2) ** 2)
    verdict = _verdict(low, high, treated, control)
    return Lift(ours, theirs, difference, low, high, verdict)


def amount_lift(treated, control, name, confidence=0.95):
    """Return the Lift of an amount per customer, ``name`` revenue or margin.

    Welch's interval with the normal quantile, of samples of at least 30 (Welch, B. L.
    (1947), Biometrika 34, 28-35).
    """
    if not treated.size or not control.size:
        return Lift(0.0, 0.0, 0.0, 0.0, 0.0, "too_small")
    ours, ours_variance = _mean_variance(treated, name)
    theirs, theirs_variance = _mean_variance(control, name)
    error = sqrt(ours_variance / treated.size + theirs_variance / control.size)
    spread = _quantile(confidence) * error
    difference = ours - theirs
    low, high = difference - spread, difference + spread
    verdict = _verdict(low, high, treated, control)
    return Lift(ours, theirs, difference, low, high, verdict)


def _quantile(confidence):
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def _mean_variance(group, name):
    mean = getattr(group, name) / group.size
    squares = getattr(group, f"{name}_squares")
    if group.size < 2:
        return mean, 0.0
    return mean, max(squares - group.size * mean * mean, 0.0) / (group.size - 1)


def _verdict(low, high, treated, control):
    if min(treated.size, control.size) < SMALLEST or low <= 0 <= high:
        return "too_small"
    return "better" if low > 0 else "worse"
