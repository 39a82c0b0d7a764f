"""Small SQL expressions that stage rules and scores are written with."""

from odoo.tools import SQL

OPERATORS = {"<": SQL("<"), ">=": SQL(">=")}


def bands(value, operator, table):
    """Return the points of the first band that ``value`` falls into, else 0.

    :param SQL value: expression
    :param str operator: ``<`` for rising limits, ``>=`` for falling ones
    :param table: sequence of (limit, points)
    """
    cases = SQL(" ").join(
        SQL("WHEN %s %s %s THEN %s", value, OPERATORS[operator], limit, points)
        for limit, points in table
    )
    return SQL("CASE %s ELSE 0 END", cases)


def least_after(days):
    """Return the earliest of the date expressions that lies after ``s.today``."""
    return SQL(
        "least(%s)",
        SQL(", ").join(
            SQL("CASE WHEN %s > s.today THEN %s END", day, day) for day in days
        ),
    )


def first_day_of_risk():
    """Return the day on which silence alone lifts the risk to ``at_risk_score``.

    r^2 / (r^2 + 4) >= t  <=>  r >= sqrt(4 t / (1 - t)), with t doubled for
    subscribers, whose risk is halved; never when t reaches 1. A hair is taken off
    before rounding up: a day too early costs one look, a day too late is an error.
    """
    limit = SQL("(s.at_risk_score * CASE WHEN s.subscribed THEN 2 ELSE 1 END)")
    return SQL(
        """
        CASE WHEN s.ordered AND %(limit)s < 1 THEN s.anchor + ceil(
            sqrt(4 * %(limit)s / (1 - %(limit)s)) * s.gap - 1e-9)::int END
        """,
        limit=limit,
    )
