"""Purchases out of a file of somebody's order history, line by line.

Nothing here knows Odoo: bytes in, purchases and problems out. Memory does not grow
with the file.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from zoneinfo import ZoneInfo

from . import history_layout
from .history_layout import UnreadableFile
from .history_lines import guess_encoding, read_lines, split
from .history_values import BadValue, day_order_evidence, parse_amount, parse_moment

SAMPLE_LINES = 500
# No shop sold anything before; a two in front was a typing error.
FIRST_YEAR = 1900
MAX_TEXT = 128
# Files that are sent instead of text: an Excel or other zip file, old Excel, PDF.
BINARIES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")


@dataclass(frozen=True, slots=True)
class Purchase:
    line: int
    customer: str
    moment: datetime
    amount: Decimal
    name: str = ""
    email: str = ""
    reference: str = ""

    @property
    def key(self):
        """What makes two lines the same purchase.

        >>> Purchase(7, "C1", datetime(2024, 1, 31, 12), Decimal("9.50")).key
        'C1|2024-01-31T12:00:00|9.50'
        """
        if self.reference:
            return f"ref|{self.reference}"
        return self.content

    @property
    def content(self):
        return f"{self.customer}|{self.moment.isoformat()}|{self.amount}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that cannot be taken over: a reason code with its values."""

    line: int
    code: str
    values: dict
    text: str


def guess_layout(open_stream, chosen, limit=None):
    """Return the layout of a file.

    :param open_stream: called without arguments, returns a new binary stream
    :param dict chosen: what is told and not to be guessed: encoding, separator,
        has_header, day_order, decimal, columns
    :param int limit: bytes to look at; by default the whole file where its first
        lines do not tell the encoding, or the order of day and month
    :raises UnreadableFile: nothing sensible can be made of the file
    """
    with open_stream() as stream:
        head = stream.read(8)
    if not head:
        raise UnreadableFile("empty")
    if head.startswith(BINARIES):
        raise UnreadableFile("binary")
    encoding = chosen.get("encoding")
    if not encoding:
        with open_stream() as stream:
            encoding = guess_encoding(stream, limit)
    lines = _sample(open_stream, encoding)
    layout = history_layout.guess(lines, encoding, chosen)
    if layout.day_order:
        return layout
    return _settle_day_order(open_stream, layout, limit)


def _sample(open_stream, encoding):
    with open_stream() as stream:
        found = list(islice(read_lines(stream, encoding), SAMPLE_LINES))
    lines = [line for _number, line, readable in found if readable]
    if not found or not any(line.strip("\ufeff \t") for line in lines or found):
        raise UnreadableFile("empty")
    if len(lines) < len(found) / 2:
        raise UnreadableFile("encoding", encoding=encoding)
    return lines


def _settle_day_order(open_stream, layout, limit):
    """Read on until a date tells whether its day or its month comes first."""
    column = layout.columns["date"]
    with open_stream() as stream:
        lines = read_lines(stream, layout.encoding)
        for _number, line, _readable in islice(lines, limit and SAMPLE_LINES):
            cells = split(line, layout.separator)
            order = column < len(cells) and day_order_evidence(cells[column])
            if order:
                return history_layout.Layout(**{**vars(layout), "day_order": order})
    if limit:
        return layout
    raise UnreadableFile("ambiguous")


class HistoryReader:
    """Iterate over the purchases and problems of one file."""

    def __init__(self, stream, layout, zone="UTC", today=None, decimals=2):
        """
        :param stream: binary stream at its start
        :param str zone: time zone of the dates in the file
        :param date today: later dates are refused
        :param int decimals: of the currency; amounts are rounded to them
        """
        self.stream = stream
        self.layout = layout
        self.zone = ZoneInfo(zone)
        self.today = today or date.max
        self.unit = Decimal(1).scaleb(-decimals)
        self._lines = read_lines(stream, layout.encoding)
        if layout.has_header:
            next(self._lines, None)

    def close(self):
        self._lines.close()
        self.stream.close()

    def tell(self):
        """Return how many bytes were read; a little ahead of the last line."""
        return self.stream.tell()

    def skip_to(self, line):
        """Go on behind line number ``line``, without looking at what is skipped."""
        ahead = next((entry for entry in self._lines if entry[0] > line), None)
        if ahead:
            self._lines = _chain(ahead, self._lines)

    def __iter__(self):
        return self

    def __next__(self):
        number, line, readable = next(self._lines)
        if not readable:
            return Problem(number, "unreadable", {}, line[:200])
        try:
            return self._parse(number, split(line, self.layout.separator))
        except BadValue as bad:
            return Problem(number, bad.code, bad.values, line[:200])

    def _parse(self, number, cells):
        if len(cells) < self.layout.width:
            raise BadValue("columns", count=len(cells), wanted=self.layout.width)
        texts = {
            role: cells[column] if column < len(cells) else ""
            for role, column in self.layout.columns.items()
        }
        for text in texts.values():
            if len(text) > MAX_TEXT:
                raise BadValue("long", value=text[:20] + "…", limit=MAX_TEXT)
        if not texts["customer"]:
            raise BadValue("no_customer")
        moment = self._moment(texts["date"])
        amount = parse_amount(texts["amount"], self.layout.decimal)
        return Purchase(
            number,
            texts["customer"],
            moment,
            amount.quantize(self.unit),
            texts.get("name", ""),
            texts.get("email", "").lower(),
            texts.get("reference", ""),
        )

    def _moment(self, text):
        moment, day = parse_moment(text, self.layout.day_order or "dmy", self.zone)
        if day > self.today:
            raise BadValue("future", value=text)
        if day.year < FIRST_YEAR:
            raise BadValue("no_date", value=text)
        return moment


def _chain(first, rest):
    try:
        yield first
        yield from rest
    finally:
        rest.close()
