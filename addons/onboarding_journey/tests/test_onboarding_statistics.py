from datetime import timedelta
from statistics import median

from odoo.tests import tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import OnboardingCommon

# Per customer: the hour of the tick, and the hours of the orders.
STORY = [
    (5, [30]),
    (7, [3, 50]),
    (None, [9]),
    (11, []),
    (None, []),
    (13, [100]),
    (20, [200]),
    (1, [2]),
    (None, [1]),
    (None, []),
    (30, []),
    (40, [41]),
]


@tagged("post_install", "-at_install")
class TestOnboardingStatistics(OnboardingCommon):
    """Every figure, computed again in plain Python from what happened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journey = cls._journey(
            cls._mail(),
            cls._task(),
            cls._tutorial(is_optional=True),
            cls._milestone(),
            max_duration_days=10,
        )
        cls.people = [cls._member() for _each in range(12)]
        cls.all = cls._enrol(cls.journey, *cls.people)
        cls._process(0)
        # What happens, as plain rows: (person, hour of the tick, hours of orders).
        cls.story = [
            (place, tick, orders) for place, (tick, orders) in enumerate(STORY)
        ]
        moments = [(hour, "order", p) for p, _t, hours in cls.story for hour in hours]
        moments += [(t, "tick", p) for p, t, _h in cls.story if t is not None]
        for hour, what, place in sorted(moments):
            person = cls.people[place]
            if what == "order":
                cls._buys(person, hour)
            else:
                run = cls.all.filtered(lambda r, p=person: r.customer_id == p)
                with cls._at(hour):
                    run.complete_step("tick")

    def test_the_totals(self):
        done = {
            place: max(tick, orders[0])
            for place, tick, orders in self.story
            if tick is not None and orders
        }
        first = [orders[0] for _p, _t, orders in self.story if orders]
        found = self.journey.get_statistics()
        self.assertEqual(found["started"], 12)
        self.assertEqual(found["completed"], len(done))
        self.assertEqual(found["in_progress"], 12 - len(done))
        self.assertEqual(found["ordered"], len(first))
        self.assertAlmostEqual(found["completion_rate"], 100 * len(done) / 12)
        self.assertAlmostEqual(found["median_days"], median(done.values()) / 24)
        self.assertAlmostEqual(found["median_days_to_first_order"], median(first) / 24)
        self.assertEqual(self.journey.total_started, 12)
        self.assertEqual(self.journey.total_completed, len(done))
        rates = [
            75.0 if place in done else 25 * (1 + (tick is not None) + bool(orders))
            for place, tick, orders in self.story
        ]
        self.assertAlmostEqual(self.journey.average_progress, sum(rates) / 12)
        for run, rate in zip(self.all.sorted("id"), rates, strict=True):
            self.assertAlmostEqual(run.completion_rate, rate)

    def test_the_funnel(self):
        self._process(24 * 10)
        ticked = sum(tick is not None for _p, tick, _o in self.story)
        ordered = sum(bool(orders) for _p, _t, orders in self.story)
        done = sum(t is not None and bool(o) for _p, t, o in self.story)
        steps = {row["id"]: row for row in self.journey.get_statistics()["steps"]}
        self.assertEqual(list(steps), ["hello", "tick", "learn", "first"])
        expected = {
            "hello": (12, 12, 0, 0),
            "tick": (12, ticked, 0, 12 - ticked),
            "learn": (12, 0, done, 12 - done),
            "first": (12, ordered, 0, 12 - ordered),
        }
        for code, figures in expected.items():
            row = steps[code]
            names = ("reached", "completed", "skipped", "dropped")
            self.assertEqual(tuple(row[name] for name in names), figures, code)
            self.assertEqual(row["open"], 0)
            self.assertAlmostEqual(row["drop_off"], 100 * figures[3] / 12)
        found = self.journey.get_statistics()
        self.assertEqual(found["expired"], 12 - done)
        self.assertEqual(found["in_progress"], 0)
        together = self.onboarding.get_stats()
        one = self.onboarding.get_stats(self.journey.code)
        for name in ("started", "completed", "expired", "median_days"):
            self.assertEqual(together[name], one[name])
        self.assertEqual(one["steps"], found["steps"])

    def test_the_lifecycle_kpi_agrees(self):
        self._process(24 * 10)
        rows = self.lifecycle.search([("customer_id", "in", self.all.customer_id.ids)])
        for run in self.all:
            row = rows.filtered(lambda r, c=run.customer_id: r.customer_id == c)
            expected = "completed" if run.status == "completed" else "skipped"
            self.assertEqual(row.onboarding_status, expected)
            self.assertAlmostEqual(row.onboarding_completion_rate, run.completion_rate)

    def test_nobody_yet(self):
        empty = self._journey(self._task())
        found = empty.get_statistics()
        self.assertEqual((found["started"], found["completion_rate"]), (0, 0))
        self.assertIs(found["median_days"], False)
        self.assertIs(found["median_days_to_first_order"], False)
        self.assertEqual(found["steps"][0]["reached"], 0)

    def test_time_on_a_tutorial_is_no_more_than_went_by(self):
        run = self.all[4]
        row = run.completion_ids.filtered(lambda r: r.step_id == "learn")
        start = NOON + timedelta(hours=1)
        row._view(0, True, start)
        row._view(30, False, start + timedelta(seconds=30))
        row._view(10**9, False, start + timedelta(seconds=50))
        row._view(10**9, False, start + timedelta(days=2))
        self.assertEqual(row.content_viewed, 1)
        self.assertEqual(row.time_spent_seconds, 30 + 20 + 3600)
        (learn,) = [
            s for s in self.journey.get_statistics()["steps"] if s["id"] == "learn"
        ]
        self.assertEqual((learn["views"], learn["seconds"]), (1, 3650))
