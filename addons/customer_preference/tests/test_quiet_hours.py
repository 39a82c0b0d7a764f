import doctest
from datetime import datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import caps, quiet_hours
from ..tools.quiet_hours import UTC, QuietHours, zone_of

ZONES = (
    "UTC",
    "Asia/Dhaka",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",  # the clock goes ahead at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Kiritimati",
    "No/Such_Zone",
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
days = st.frozensets(st.integers(0, 6), max_size=6)


@st.composite
def closed_times(draw):
    start = draw(moments)
    return start, start + timedelta(hours=draw(st.integers(1, 200)))


quiets = st.builds(
    QuietHours,
    clocks,
    clocks,
    days,
    st.sampled_from(ZONES),
    st.lists(closed_times(), max_size=2).map(tuple),
)


def plainly_quiet(quiet, moment):
    """The same question, answered the other way round."""
    if any(opened <= moment < closed for opened, closed in quiet.closed):
        return True
    local = moment.replace(tzinfo=UTC).astimezone(zone_of(quiet.zone))
    if local.weekday() in quiet.days:
        return True
    minutes, start, end = (
        60 * t.hour + t.minute for t in (local, quiet.start, quiet.end)
    )
    if start == end:
        return False
    return (minutes - start) % 1440 < (end - start) % 1440


@tagged("post_install", "-at_install")
class TestQuietHours(BaseCase):
    def test_the_examples_of_the_documentation_hold(self):
        for module in (quiet_hours, caps):
            self.assertFalse(doctest.testmod(module).failed)

    def test_quiet_is_quiet(self):
        @settings(max_examples=400, deadline=None)
        @given(quiets, moments)
        def check(quiet, moment):
            self.assertEqual(quiet.is_quiet(moment), plainly_quiet(quiet, moment))

        check()

    def test_the_release_is_never_inside_and_never_before(self):
        @settings(max_examples=400, deadline=None)
        @given(quiets, moments)
        def check(quiet, moment):
            release = quiet.release(moment)
            self.assertGreaterEqual(release, moment)
            self.assertFalse(plainly_quiet(quiet, release))

        check()

    def test_nobody_waits_longer_than_the_quiet_lasts(self):
        @settings(max_examples=200, deadline=None)
        @given(quiets, moments, st.floats(0, 1))
        def check(quiet, moment, share):
            release = quiet.release(moment)
            between = moment + (release - moment) * share
            if moment <= between < release - timedelta(hours=1):
                self.assertTrue(plainly_quiet(quiet, between))

        check()

    def test_the_clock_goes_ahead_over_the_end_of_the_night(self):
        night = QuietHours(time(21), time(2, 30), zone="Europe/Berlin")
        # 29 March 2026: 02:00 is followed by 03:00.
        self.assertEqual(
            night.release(datetime(2026, 3, 28, 22)), datetime(2026, 3, 29, 1, 30)
        )

    def test_the_clock_goes_back_into_the_night(self):
        night = QuietHours(time(21), time(2, 30), zone="Europe/Berlin")
        # 25 October 2026: 02:30 comes twice, at 00:30 and at 01:30 UTC.
        first = datetime(2026, 10, 25, 0, 30)
        self.assertEqual(night.release(datetime(2026, 10, 24, 22)), first)
        again = datetime(2026, 10, 25, 1, 5)
        self.assertEqual(night.release(again), datetime(2026, 10, 25, 1, 30))

    def test_a_week_without_a_loud_day_is_refused(self):
        with self.assertRaises(ValueError):
            QuietHours(days=frozenset(range(7)))
