"""Who may still be written to: counting what was sent against the caps."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Cap:
    """At most ``limit`` messages in any ``days`` days.

    :param str channel: the channel that counts, empty for all together
    """

    category: str
    limit: int
    days: int
    channel: str = ""

    def counts(self, channel, category):
        """Return whether a message of that channel and category counts."""
        return category == self.category and self.channel in ("", channel)


class Ledger:
    """What was sent, by customer and by address, as far back as any cap looks.

    >>> from datetime import datetime
    >>> ledger = Ledger([Cap("marketing", 1, 1)])
    >>> noon = datetime(2026, 1, 31, 12)
    >>> ledger.add(["customer 7"], "email", "marketing", noon)
    >>> ledger.free_from(["customer 7"], "sms", "marketing", noon)
    datetime.datetime(2026, 2, 1, 12, 0)
    """

    def __init__(self, caps):
        self.caps = caps
        self.sent = {}

    @property
    def days(self):
        """Return how many days back a cap looks."""
        return max((cap.days for cap in self.caps), default=0)

    def add(self, keys, channel, category, moment):
        """Count a message for each of ``keys`` (the customer, the address)."""
        for key in keys:
            self.sent.setdefault(key, []).append((moment, channel, category))

    def free_from(self, keys, channel, category, now):
        """Return when no cap forbids the message: ``now``, or a later moment."""
        return max(
            (
                self._cap_free_from(cap, key, now)
                for cap in self.caps
                if cap.counts(channel, category)
                for key in keys
            ),
            default=now,
        )

    def _cap_free_from(self, cap, key, now):
        since = now - timedelta(days=cap.days)
        moments = sorted(
            (
                moment
                for moment, channel, category in self.sent.get(key, ())
                if moment > since and cap.counts(channel, category)
            ),
            reverse=True,
        )
        if len(moments) < cap.limit:
            return now
        return moments[cap.limit - 1] + timedelta(days=cap.days)
