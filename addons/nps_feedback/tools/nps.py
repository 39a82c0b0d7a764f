"""The arithmetic of the Net Promoter Score; no Odoo in here."""

from math import sqrt

# Two-sided 95 % of the normal distribution.
Z95 = 1.959964


def category(score):
    """Return the category of a score.

    Reichheld, "The One Number You Need to Grow", Harvard Business Review 12/2003.

    >>> [category(score) for score in (10, 9, 8, 7, 6, 0)]
    ['promoter', 'promoter', 'passive', 'passive', 'detractor', 'detractor']
    """
    if score >= 9:
        return "promoter"
    return "passive" if score >= 7 else "detractor"


def nps(promoters, passives, detractors):
    """Return 100 * (promoters - detractors) / responses, False without responses.

    >>> nps(6, 2, 2), nps(0, 0, 0), nps(1, 0, 1)
    (40.0, False, 0.0)
    """
    total = promoters + passives + detractors
    return round(100.0 * (promoters - detractors) / total, 1) if total else False


def margin(promoters, passives, detractors):
    """Return the half width of the 95 % confidence interval, in points.

    Each answer is worth +1, 0 or -1; the score is their mean, whose variance is
    (p + d - (p - d)^2) / n. False below two answers: one tells of no spread.

    >>> margin(60, 20, 20), margin(1, 0, 0)
    (15.7, False)
    """
    total = promoters + passives + detractors
    if total < 2:
        return False
    p, d = promoters / total, detractors / total
    variance = max(p + d - (p - d) ** 2, 0.0)
    return round(100.0 * Z95 * sqrt(variance / total), 1)


def percent(part, whole):
    """Return a share in percent, False of nothing.

    >>> percent(1, 3), percent(0, 0)
    (33.3, False)
    """
    return round(100.0 * part / whole, 1) if whole else False


def summary(counts):
    """Return the figures of {category: responses}.

    >>> summary({"promoter": 3, "detractor": 1})["nps"]
    50.0
    """
    numbers = [counts.get(key, 0) for key in ("promoter", "passive", "detractor")]
    return {
        "nps": nps(*numbers),
        "promoters": numbers[0],
        "passives": numbers[1],
        "detractors": numbers[2],
        "responses": sum(numbers),
        "margin": margin(*numbers),
    }
