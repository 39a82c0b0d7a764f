"""When nobody is to be disturbed: values in, values out, the clock a parameter."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC = timezone.utc
DAY = timedelta(days=1)
WHOLE_WEEK = frozenset(range(7))
# A clock that goes back an hour may lead into the same quiet hours twice.
MAX_STEPS = 1000


@dataclass(frozen=True)
class QuietHours:
    """Local times and days at which no message goes out.

    :param time start: local time at which quiet begins; equal to ``end``: never
    :param time end: local time at which it ends (no longer quiet), maybe next day
    :param frozenset days: weekdays (Monday is 0) that are quiet all day
    :param str zone: name of the time zone; UTC when empty or unknown
    :param tuple closed: pairs of naive UTC moments, from and until, that are quiet

    >>> night = QuietHours(time(21), time(9), zone="Asia/Dhaka")
    >>> night.release(datetime(2026, 1, 31, 20))  # two at night
    datetime.datetime(2026, 2, 1, 3, 0)
    >>> night.release(datetime(2026, 1, 31, 12))
    datetime.datetime(2026, 1, 31, 12, 0)
    """

    start: time = time(0)
    end: time = time(0)
    days: frozenset = frozenset()
    zone: str = "UTC"
    closed: tuple = ()

    def __post_init__(self):
        if self.days >= WHOLE_WEEK:
            raise ValueError("every day is quiet: nothing could ever go out")

    def is_quiet(self, moment):
        """Return whether ``moment`` (naive UTC) is quiet."""
        return self._end_of_quiet(moment) is not None

    def release(self, moment):
        """Return the first moment (naive UTC) from ``moment`` on that is not quiet."""
        for _step in range(MAX_STEPS):
            until = self._end_of_quiet(moment)
            if until is None:
                return moment
            moment = until
        raise ValueError("quiet without an end")

    def _end_of_quiet(self, moment):
        """Return a moment after ``moment`` up to which all is quiet, or None."""
        for opened, closed in self.closed:
            if opened <= moment < closed:
                return closed
        local = moment.replace(tzinfo=UTC).astimezone(zone_of(self.zone))
        if local.weekday() in self.days:
            return self._first_after(moment, local.date() + DAY, time(0))
        clock = local.time()
        if not self._is_night(clock):
            return None
        over_midnight = self.start > self.end and clock >= self.start
        day = local.date() + DAY if over_midnight else local.date()
        return self._first_after(moment, day, self.end)

    def _is_night(self, clock):
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def _first_after(self, moment, day, clock):
        """Return when the local clock shows ``clock`` on ``day``, after ``moment``.

        In autumn it does so twice; in spring maybe not at all.
        """
        zone = zone_of(self.zone)
        for fold in (0, 1):
            local = datetime.combine(day, clock, tzinfo=zone).replace(fold=fold)
            found = local.astimezone(UTC).replace(tzinfo=None)
            if found > moment:
                return found
        return moment + timedelta(minutes=15)


def zone_of(name):
    """Return the time zone ``name``; UTC when empty or unknown."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def parse_clock(text):
    """Return a time from ``HH:MM``.

    :raises ValueError: anything else

    >>> parse_clock("21:30")
    datetime.time(21, 30)
    """
    hours, colon, minutes = str(text).partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise ValueError(text)
    return time(int(hours), int(minutes))


def clock_of(hours):
    """Return the time that a float of hours means; 24 is midnight.

    >>> clock_of(21.5)
    datetime.time(21, 30)
    """
    minutes = round(hours * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)
