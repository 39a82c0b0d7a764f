"""What day it is, for whom: time is a parameter of every engine."""

from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Python 3.10 has no datetime.UTC.
UTC = timezone.utc
# Thresholds reach years ahead and back: no day may leave the calendar.
YEARS = range(1970, 3000)


class Clock:
    """A moment (naive UTC) and the dates that companies call it.

    >>> Clock(datetime(2026, 1, 31, 20, 0)).in_zone("Asia/Dhaka")
    datetime.date(2026, 2, 1)
    """

    def __init__(self, now):
        self.now = now

    def in_zone(self, name):
        """Return the date in time zone ``name``; UTC when empty or unknown."""
        return self.now.replace(tzinfo=UTC).astimezone(_zone(name)).date()

    def local(self, company):
        """Return the moment on the clocks of a ``res.company``'s time zone."""
        zone = _zone(company.sudo().partner_id.tz)
        return self.now.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

    def today(self, company):
        """Return the date in the time zone of a ``res.company``."""
        return self.in_zone(company.sudo().partner_id.tz)


def start_of_day(day, zone):
    """Return the moment (naive UTC) at which ``day`` begins in time zone ``zone``.

    >>> start_of_day(date(2026, 2, 1), "Asia/Dhaka")
    datetime.datetime(2026, 1, 31, 18, 0)
    """
    local = datetime(day.year, day.month, day.day, tzinfo=_zone(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


def _zone(name):
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def parse_moment(value, default):
    """Return a naive UTC datetime from what an API client sends.

    :param value: datetime, date (its last second, so that the day counts), ISO
        string, or a false value for ``default``
    :raises ValueError: anything else, or outside of ``YEARS``

    >>> parse_moment("2026-01-31", None)
    datetime.datetime(2026, 1, 31, 23, 59, 59)
    >>> parse_moment("2026-01-31T12:00:00+06:00", None)
    datetime.datetime(2026, 1, 31, 6, 0)
    """
    if value is None or value is False:
        return default
    if isinstance(value, str):
        value = _parse_text(value)
    if not isinstance(value, date) or value.year not in YEARS:
        raise ValueError(value)
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, 23, 59, 59)
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def parse_day(value, default):
    """Return a date from what an API client sends.

    :param value: date, ISO text, or None, False or "" for ``default``
    :raises ValueError: anything else, or outside of ``YEARS``

    >>> parse_day("2026-01-31", None)
    datetime.date(2026, 1, 31)
    """
    if value is None or value is False or value == "":
        return default
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if not isinstance(value, date) or value.year not in YEARS:
        raise ValueError(value)
    return value.date() if isinstance(value, datetime) else value


def _parse_text(text):
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
