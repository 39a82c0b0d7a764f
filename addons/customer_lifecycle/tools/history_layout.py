"""How a purchase history is written: guessed from its first lines, or told."""

import re
from collections import Counter
from dataclasses import dataclass, field

from .history_lines import split
from .history_values import (
    DAY_FIRST,
    day_order_evidence,
    decimal_evidence,
    is_ambiguous,
    is_amount,
    is_date,
)

SEPARATORS = (",", ";", "\t", "|")
# Columns parted by any run of white space, as in the CDNOW files.
WHITESPACE = " "
ROLES = ("customer", "date", "amount", "name", "email", "reference")
REQUIRED = ("customer", "date", "amount")

# What headers call the columns, words only, most telling first.
NAMES = {
    "customer": (
        "customer id|customer no|customer number|customer code|customer ref|customer"
        "|client id|client|user id|user|member id|member|buyer|account|cust id|cust"
        "|partner id|partner|kunde|kundennummer|cliente"
    ),
    "date": (
        "date|order date|purchase date|transaction date|date order|ordered at|bought on"
        "|created at|day|datum|fecha|invoice date|timestamp"
    ),
    "amount": (
        "amount|total|order total|amount total|total amount|dollar value|dollars|value"
        "|revenue|price|sales|spend|betrag|umsatz|importe|montant|sum|net amount"
    ),
    "name": "customer name|name|full name|client name|display name",
    "email": "email|e mail|mail|email address|e mail address|customer email",
    "reference": (
        "order reference|order ref|reference|order id|order no|order number|order"
        "|invoice|invoice no|invoice number|transaction id|receipt"
    ),
}
NAMES = {role: text.split("|") for role, text in NAMES.items()}


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the reason is a code with its values."""

    def __init__(self, code, **values):
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Layout:
    """Everything one must know to read a file; ``vars()`` of it is JSON."""

    encoding: str
    separator: str
    has_header: bool
    columns: dict = field(default_factory=dict)
    day_order: str | None = None
    decimal: str = "."

    @property
    def width(self):
        """Number of columns that a line needs at least."""
        return 1 + max(self.columns[role] for role in REQUIRED)


def guess(lines, encoding, chosen):
    """Return the layout of a file.

    :param list lines: the first lines of the file, blank ones left out
    :param dict chosen: what somebody told: separator, has_header, day_order,
        decimal, columns ({role: index})
    :raises UnreadableFile: nothing sensible can be made of it
    """
    separator = chosen.get("separator") or _guess_separator(lines)
    rows = [split(line, separator) for line in lines]
    if max(len(row) for row in rows) < len(REQUIRED):
        raise UnreadableFile("one_column", separator=separator, line=lines[0][:80])
    has_header = chosen.get("has_header")
    if has_header is None:
        has_header = not any(map(is_date, rows[0]))
    data = rows[1:] if has_header else rows
    columns = _guess_columns(rows[0] if has_header else [], data, chosen)
    return Layout(
        encoding=encoding,
        separator=separator,
        has_header=has_header,
        columns=columns,
        day_order=chosen.get("day_order") or _guess_day_order(data, columns["date"]),
        decimal=chosen.get("decimal") or _guess_decimal(data, columns["amount"]),
    )


def _guess_separator(lines):
    score, separator = max(
        (_separator_score(lines, candidate), candidate)
        for candidate in (WHITESPACE, *SEPARATORS)
    )
    if not any(score):
        raise UnreadableFile("no_separator", line=lines[0][:80])
    return separator


def _separator_score(lines, separator):
    """Lines with a date in a cell of its own tell more than evenly cut lines."""
    rows = [row for line in lines if len(row := split(line, separator)) >= 3]
    if not rows:
        return 0, 0
    width, even = Counter(map(len, rows)).most_common(1)[0]
    dated = sum(any(map(is_date, row)) for row in rows if len(row) == width)
    # White space also parts words: it needs dates to be believed.
    return dated, even if separator != WHITESPACE else 0


def _guess_columns(header, data, chosen):
    columns = dict(chosen.get("columns") or {})
    columns = _columns_by_name(header) | columns
    for role, column in _columns_by_content(data, columns).items():
        columns.setdefault(role, column)
    for substitute in ("email", "name"):
        if "customer" not in columns and substitute in columns:
            columns["customer"] = columns[substitute]
    missing = [role for role in REQUIRED if role not in columns]
    if missing:
        raise UnreadableFile("no_column", roles=missing, header=header)
    return columns


def _columns_by_name(header):
    words = [re.sub(r"[^a-z0-9]+", " ", cell.lower()).strip() for cell in header]
    columns = {}
    for role, names in NAMES.items():
        found = next((name for name in names if name in words), None)
        if found is not None:
            columns[role] = words.index(found)
    return columns


def _columns_by_content(data, known):
    """Guess the columns that nobody named from what stands in them."""
    width = max(map(len, data), default=0)
    free = [column for column in range(width) if column not in known.values()]
    cells = {c: [row[c] for row in data if c < len(row) and row[c]] for c in free}
    found = {}

    def take(role, candidates):
        if role not in known and candidates:
            found[role] = candidates[0]
            free.remove(candidates[0])

    take("email", [c for c in free if _share(cells[c], lambda cell: "@" in cell) > 0.5])
    dated = {c: _share(cells[c], is_date) for c in free}
    take("date", sorted((c for c in free if dated[c] > 0.5), key=lambda c: -dated[c]))
    numeric = [c for c in free if _share(cells[c], is_amount) > 0.8]
    # Counts and numbers are whole; money mostly is not.
    take("amount", sorted(numeric, key=lambda c: (not _has_cents(cells[c]), -c)))
    take("customer", free[:])
    take("name", [c for c in free if _share(cells[c], lambda cell: " " in cell) > 0.5])
    return found


def _share(cells, test):
    return sum(map(bool, map(test, cells))) / len(cells) if cells else 0


def _has_cents(cells):
    return any(map(decimal_evidence, cells))


def _guess_day_order(data, column):
    """Return the order of day and month; None when only the whole file can tell."""
    dates = [row[column] for row in data if column < len(row)]
    evidence = Counter(filter(None, map(day_order_evidence, dates)))
    if evidence:
        return evidence.most_common(1)[0][0]
    return None if any(map(is_ambiguous, dates)) else DAY_FIRST


def _guess_decimal(data, column):
    amounts = [row[column] for row in data if column < len(row)]
    evidence = Counter(filter(None, map(decimal_evidence, amounts)))
    return evidence.most_common(1)[0][0] if evidence else "."
