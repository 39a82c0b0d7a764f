"""Dates and amounts as people write them in files."""

import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

# ``datetime.UTC`` is newer than Python 3.10.
UTC = timezone.utc
MAX_AMOUNT = Decimal("1e12")
NOON = (12, 0, 0)

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"

_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NUMERIC = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .-]+([a-z]{3,9})[ .,-]+(\d{2,4})")
_NAMED_US = re.compile(r"([a-z]{3,9})[ .]+(\d{1,2})(?:st|nd|rd|th)?,? +(\d{2,4})")
_TIME = re.compile(
    r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?(am|pm)? ?(z|utc|[+-]\d\d:?\d\d)?"
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTHS = _MONTHS.split("|")
# Currency signs and codes around a number, and spaces as thousands separators.
_DECORATION = re.compile(r"^[^\d(+.,-]*|[^\d).,-]*$|[\s\u00a0\u202f']")
_PLAIN = {
    ".": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?"),
    ",": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d+)?"),
}


class BadValue(ValueError):
    """A cell that cannot be taken over; the reason is a code with its values."""

    def __init__(self, code, **values):
        super().__init__(code)
        self.code = code
        self.values = values


def parse_moment(text, order, zone):
    """Return (naive UTC datetime, local date); noon in ``zone`` when no time is told.

    :param str order: ``dmy`` or ``mdy``, for dates that do not begin with the year
    :raises BadValue: no date, or a day that does not exist

    >>> parse_moment("19970131", "dmy", UTC)
    (datetime.datetime(1997, 1, 31, 12, 0), datetime.date(1997, 1, 31))
    >>> parse_moment("02/03/2024 18:30", "mdy", UTC)[0]
    datetime.datetime(2024, 2, 3, 18, 30)
    """
    head, tail = _split_time(text.strip())
    parts = _date_parts(head, order)
    clock = _time_parts(tail) if tail else (*NOON, None)
    if not parts or not clock:
        raise BadValue("no_date", value=text)
    *time, offset = clock
    try:
        moment = datetime(*parts, *time, tzinfo=zone if offset is None else offset)
        return moment.astimezone(UTC).replace(tzinfo=None), moment.astimezone(
            zone
        ).date()
    except (ValueError, OverflowError):
        raise BadValue("no_date", value=text) from None


def is_date(text):
    """Return whether ``text`` is a date, in whatever order.

    >>> is_date("31/01/2024"), is_date("01/31/2024"), is_date("00004")
    (True, True, False)
    """
    if not 6 <= len(text.strip()) <= 40:
        return False
    return any(_is_date_in(text, order) for order in (DAY_FIRST, MONTH_FIRST))


def _is_date_in(text, order):
    try:
        parse_moment(text, order, UTC)
    except BadValue:
        return False
    return True


def day_order_evidence(text):
    """Return ``dmy`` or ``mdy`` when only one of them is possible, else None.

    >>> day_order_evidence("31/01/2024"), day_order_evidence("01/02/2024")
    ('dmy', None)
    """
    found = _NUMERIC.fullmatch(_split_time(text.strip())[0])
    if not found or len(found[1]) > 2:
        return None
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second:
        return DAY_FIRST
    return MONTH_FIRST if second > 12 >= first else None


def is_ambiguous(text):
    """Return whether day and month of the date ``text`` could be exchanged."""
    found = _NUMERIC.fullmatch(_split_time(text.strip())[0])
    if not found or len(found[1]) > 2:
        return False
    first, second = int(found[1]), int(found[3])
    return first != second and first <= 12 and second <= 12


def _split_time(text):
    match = re.search(r"(?:[ T]+)(?=\d{1,2}:\d\d)", text)
    if not match:
        return text, ""
    return text[: match.start()], text[match.end() :]


def _date_parts(head, order):
    if found := _COMPACT.fullmatch(head):
        return tuple(map(int, found.groups()))
    if found := _NUMERIC.fullmatch(head):
        return _numeric_parts(found, order)
    lowered = head.lower()
    if found := _NAMED.fullmatch(lowered):
        return _named_parts(found[3], found[2], found[1])
    if found := _NAMED_US.fullmatch(lowered):
        return _named_parts(found[3], found[1], found[2])
    return None


def _numeric_parts(found, order):
    first, second, third = found[1], int(found[3]), found[4]
    if len(first) == 4:
        return int(first), second, int(third)
    if len(first) > 2 or len(third) not in (2, 4):
        return None
    day, month = (int(first), second) if order == DAY_FIRST else (second, int(first))
    return _full_year(third), month, day


def _named_parts(year, month, day):
    if month[:3] not in _MONTHS or len(year) == 3:
        return None
    return _full_year(year), _MONTHS.index(month[:3]) + 1, int(day)


def _full_year(text):
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 70 else 1900)


def _time_parts(text):
    found = _TIME.fullmatch(text.strip().lower())
    if not found:
        return None
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4] == "pm" else 0)
    return hour, int(found[2]), int(found[3] or 0), _offset(found[5])


def _offset(text):
    if not text:
        return None
    if text in ("z", "utc"):
        return UTC
    digits = text[1:].replace(":", "")
    delta = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-delta if text[0] == "-" else delta)


def parse_amount(text, decimal):
    """Return the amount as ``Decimal``.

    :param str decimal: the decimal sign, ``.`` or ``,``
    :raises BadValue: no number, negative, or too large to be true

    >>> parse_amount("BDT 1.234,50", ","), parse_amount("$1,234.5", ".")
    (Decimal('1234.50'), Decimal('1234.5'))
    """
    bare = _DECORATION.sub("", text.strip())
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()")
    if not any(c.isdigit() for c in bare) or not _PLAIN[decimal].fullmatch(bare):
        raise BadValue("no_amount", value=text)
    thousands = "," if decimal == "." else "."
    amount = Decimal(bare.replace(thousands, "").replace(decimal, "."))
    if negative or amount < 0:
        raise BadValue("negative", value=text)
    if amount > MAX_AMOUNT:
        raise BadValue("huge", value=text)
    return amount


def is_amount(text):
    """Return whether ``text`` is a number in either notation, of whatever size."""
    bare = _DECORATION.sub("", text.strip()).strip("()")
    if not any(c.isdigit() for c in bare):
        return False
    return any(pattern.fullmatch(bare) for pattern in _PLAIN.values())


def decimal_evidence(text):
    """Return ``.`` or ``,`` when the number tells its decimal sign, else None.

    >>> decimal_evidence("12,50"), decimal_evidence("1,234")
    (',', None)
    """
    bare = _DECORATION.sub("", text.strip())
    last = max(bare.rfind("."), bare.rfind(","))
    if last < 0:
        return None
    sign = bare[last]
    other = "," if sign == "." else "."
    if other in bare:
        return sign
    if bare.count(sign) > 1:
        return other
    return sign if len(bare) - last - 1 != 3 else None
