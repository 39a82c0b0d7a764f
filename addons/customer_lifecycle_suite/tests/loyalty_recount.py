"""What is left of points, counted again in plain Python from the transactions alone.

Knows nothing of lots: they are made, emptied and filled up here a second time.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

NEVER = datetime.max


@dataclass
class Lot:
    """Points that came in with a transaction."""

    row: int
    source: tuple
    left: float
    expires: datetime

    @property
    def age(self):
        return self.expires, self.row


@dataclass
class Account:
    """An account after some of its transactions."""

    balance: float = 0
    debt: float = 0
    lots: list = field(default_factory=list)
    # What was redeemed for a source, from which lots: the last one comes back first.
    spent: dict = field(default_factory=lambda: defaultdict(list))

    def book(self, row):
        """Book a transaction: a dict with id, type, points, source, expires and at."""
        points = row["points"]
        self.balance += points
        if points > 0 and row["type"] == "redeem":
            self._give_back(row)
        elif points > 0:
            repaid = min(self.debt, points)
            self.debt -= repaid
            expires = row["expires"] or NEVER
            self.lots.append(Lot(row["id"], row["source"], points - repaid, expires))
        else:
            self._take(row, -points)

    def _take(self, row, points):
        lots = sorted(self.lots, key=lambda lot: lot.age)
        if row["type"] == "expire":
            lots = [lot for lot in lots if lot.expires <= row["at"]]
        if row["type"] == "earn":
            lots.sort(key=lambda lot: lot.source != row["source"])
        for lot in lots:
            taken = min(lot.left, points)
            lot.left -= taken
            points -= taken
            if taken and row["type"] == "redeem":
                self.spent[row["source"]].append([lot, taken])
        self.debt += points

    def _give_back(self, row):
        points = row["points"]
        for entry in reversed(self.spent[row["source"]]):
            lot, taken = entry
            given = min(taken, points)
            lot.left += given
            entry[1] -= given
            points -= given
        debt = min(self.debt, row["points"])
        self.debt -= debt
        if debt:
            self._take({**row, "type": "adjust"}, debt)


def recount(rows):
    """Return {account id: Account} after all transactions, the first first."""
    accounts = defaultdict(Account)
    for row in rows:
        accounts[row["account"]].book(row)
    return accounts


def expiring(account, until):
    """Return the points of an account that expire until a moment."""
    return sum(lot.left for lot in account.lots if lot.expires <= until)
