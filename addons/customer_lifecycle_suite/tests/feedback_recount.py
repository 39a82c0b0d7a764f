"""What customers said, counted again in plain Python from rows as they are.

Knows nothing of the addons: rows are dicts of plain values, moments are naive UTC.
"""

from collections import defaultdict
from datetime import date, timedelta

from .year_rows import Rows

# Reichheld, "The One Number You Need to Grow", Harvard Business Review 12/2003.
CATEGORIES = {"promoter": (9, 10), "passive": (7, 8), "detractor": (0, 6)}


class FeedbackRows(Rows):
    def all_answers(self):
        return self._select(
            """SELECT id, survey_id AS survey, customer_id AS customer, score, stage,
                      responded_at AS at, order_id AS order,
                      followup_response AS words
                 FROM nps_response WHERE company_id = %s ORDER BY responded_at"""
        )

    def asked(self):
        return self._select(
            """SELECT survey_id AS survey, sent_at AS sent, answered_at AS answered
                 FROM nps_invitation WHERE company_id = %s"""
        )

    def lines(self):
        """Which categories an order has something of."""
        return self._select(
            """SELECT l.order_id AS order, t.categ_id AS category
                 FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id
                 JOIN product_product p ON p.id = l.product_id
                 JOIN product_template t ON t.id = p.product_tmpl_id
                WHERE o.company_id = %s AND l.display_type IS NULL"""
        )

    def all_cases(self):
        return self._select(
            """SELECT state, opened_at AS opened, deadline, user_id AS user
                 FROM nps_case WHERE company_id = %s"""
        )


def _first_day(day, interval):
    """Return the first day of the day, week, month, quarter or year; weeks begin on
    Mondays.
    """
    if interval == "week":
        return day - timedelta(days=day.weekday())
    if interval == "day":
        return day
    months = {"month": 1, "quarter": 3, "year": 12}[interval]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def by_interval(answers, interval, hours):
    """Return {first day: scores}, from the first answer to the last without a gap."""
    found = defaultdict(list)
    for row in answers:
        day = (row["at"] + timedelta(hours=hours)).date()
        found[_first_day(day, interval)].append(row["score"])
    day, last = min(found), max(found)
    while day < last:
        day += timedelta(days=1)
        if _first_day(day, interval) == day:
            found.setdefault(day, [])
    return dict(sorted(found.items()))


def by_category(answers, lines):
    """Return {category: scores}: an answer about an order counts once for each category
    that the order has something of.
    """
    of_order = defaultdict(set)
    for line in lines:
        if line["category"]:
            of_order[line["order"]].add(line["category"])
    found = defaultdict(list)
    for row in answers:
        for category in of_order.get(row["order"], ()):
            found[category].append(row["score"])
    return found


def open_cases(cases, now, hours):
    """Return how many are open, late, nobody's, and the whole days of the oldest."""
    cases = [case for case in cases if case["state"] == "open"]
    today = (now + timedelta(hours=hours)).date()
    return {
        "open": len(cases),
        "overdue": sum(
            1 for case in cases if case["deadline"] and case["deadline"] < today
        ),
        "unassigned": sum(1 for case in cases if not case["user"]),
        "oldest": max(((now - case["opened"]).days for case in cases), default=0),
    }
