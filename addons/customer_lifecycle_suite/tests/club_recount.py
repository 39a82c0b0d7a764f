"""How a club does, counted again in plain Python from rows as they are.

Knows nothing of the addons: rows are dicts of plain values, moments are naive UTC.
"""

from collections import Counter, defaultdict
from datetime import timedelta

from .loyalty_recount import expiring
from .year_recount import percent
from .year_rows import Rows

YEAR = timedelta(days=365)
SOON = timedelta(days=30)
MONTHS_AHEAD = 6


class ClubRows(Rows):
    def accounts(self, program):
        return self._select(
            """SELECT a.id, p.commercial_partner_id AS customer
                 FROM customer_loyalty a JOIN res_partner p ON p.id = a.customer_id
                WHERE a.company_id = %s AND a.program_id = %s AND a.active""",
            program,
        )

    def customers(self):
        return self._select(
            """SELECT customer_id AS customer FROM customer_lifecycle
                WHERE company_id = %s"""
        )

    def tiers(self, program):
        """Tiers of the program, the highest first."""
        return self._select(
            """SELECT t.code, t.min_points::float AS least FROM loyalty_tier t
                 JOIN loyalty_program p ON p.id = t.program_id
                WHERE p.company_id = %s AND p.id = %s ORDER BY t.min_points DESC""",
            program,
        )

    def rewards(self, program):
        return self._select(
            """SELECT r.reward_type AS type, r.discount::float AS discount,
                      r.discount_mode AS mode, r.discount_max_amount::float AS most,
                      r.required_points::float AS points
                 FROM loyalty_reward r JOIN loyalty_program p ON p.id = r.program_id
                WHERE p.company_id = %s AND p.id = %s AND r.active""",
            program,
        )

    def used_codes(self, program):
        """Codes that points were turned into, once for each time they paid."""
        return self._select(
            """SELECT c.code FROM loyalty_card c
                 JOIN loyalty_transaction t ON t.id = c.redemption_id
                 JOIN loyalty_history h ON h.card_id = c.id
                WHERE t.company_id = %s AND t.program_id = %s AND h.used > 0""",
            program,
        )

    def referrals(self, program):
        return self._select(
            """SELECT id, loyalty_id AS account, state FROM loyalty_referral
                WHERE company_id = %s AND program_id = %s AND active""",
            program,
        )

    def held(self, program):
        return self._select(
            """SELECT id FROM loyalty_pending
                WHERE company_id = %s AND program_id = %s AND state = 'held'""",
            program,
        )


# ------------------------------------------------------------------------- members
def active(rows, now):
    """Return how many moved points within a year; expiry is nobody's doing."""
    return len(
        {
            row["account"]
            for row in rows
            if row["type"] != "expire" and row["at"] > now - YEAR
        }
    )


def enrolment(accounts, customers):
    """Return the percent of the customers of whom somebody is a member."""
    everybody = {row["customer"] for row in customers}
    members = {row["customer"] for row in accounts}
    return percent(len(everybody & members), len(everybody))


def by_tier(accounts, rows, tiers):
    """Return {tier: members}: the highest whose points were earned in a lifetime.

    :param tiers: rows with code and least, the highest first
    """
    earned = Counter()
    for row in rows:
        if row["type"] == "earn":
            earned[row["account"]] += row["points"]
    return Counter(
        next(tier["code"] for tier in tiers if earned[account["id"]] >= tier["least"])
        for account in accounts
    )


# ----------------------------------------------------------------------- liability
def open_codes(rows, used):
    """Return the points that codes were bought with, neither used nor given back."""
    over = {row["code"] for row in used}
    over |= {row["source"][2] for row in rows if _is_given_back(row)}
    return -sum(
        row["points"]
        for row in rows
        if row["type"] == "redeem"
        and row["points"] < 0
        and row["source"][2]
        and row["source"][2] not in over
    )


def _is_given_back(row):
    return row["type"] == "redeem" and row["points"] > 0


def point_value(rewards, orders, now):
    """Return the best that a reward gives for a point.

    IFRS 15, B42: the stand-alone selling price of the discount. A percentage is that of
    the average order of a year.

    :param rewards: discounts, rows with discount, mode, most and points
    :param orders: rows with at and total, in the program's currency
    """
    totals = [o["total"] for o in orders if now - YEAR <= o["at"] <= now]
    average = sum(totals) / len(totals) if totals else 0
    values = []
    for reward in rewards:
        if reward["mode"] == "per_point":
            values.append(reward["discount"])
            continue
        given = reward["discount"]
        if reward["mode"] == "percent":
            share = average * given / 100
            given = min(share, reward["most"]) if reward["most"] else share
        values.append(given / reward["points"])
    return max(values, default=0)


# ------------------------------------------------------------------------ expiring
def soon(accounts, now):
    """Return (points, members) of what expires within thirty days.

    :param accounts: {id: Account}, see ``loyalty_recount``
    """
    found = [
        expiring(account, now + SOON) - expiring(account, now)
        for account in accounts.values()
    ]
    return sum(found), sum(1 for points in found if points > 0)


def ahead(accounts, now, hours):
    """Return [points that expire in each of the next months], this one first."""
    first = _month(now, hours)
    sums = defaultdict(float)
    for account in accounts.values():
        for lot in account.lots:
            # Far away are those that never expire.
            if now < lot.expires < now + 2 * YEAR:
                sums[_month(lot.expires, hours) - first] += lot.left
    return [sums[later] for later in range(MONTHS_AHEAD)]


def _month(moment, hours):
    local = moment + timedelta(hours=hours)
    return local.year * 12 + local.month - 1


# ----------------------------------------------------------------------- referrals
def friends(referrals, rows):
    """Return (invited, paid): those paid whose advocate has points for it, or would
    have, were it not for the limit of a year.
    """
    thanked = Counter()
    for row in rows:
        kind, number, _code = row["source"]
        if kind == "loyalty.referral":
            thanked[row["account"], number] += row["points"]
    paid = [
        row
        for row in referrals
        if row["state"] == "limited" or thanked[row["account"], str(row["id"])] > 0
    ]
    return len(referrals), len(paid)
