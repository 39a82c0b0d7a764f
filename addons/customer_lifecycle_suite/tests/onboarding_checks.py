"""Numbers about onboarding that ``year_checks`` leaves out, counted again."""

from statistics import fmean

from .year_recount import percent
from .year_rows import Rows


class OnboardingRows(Rows):
    def walks(self, journey):
        """Who walks a journey, the control group left out."""
        return self._select(
            """SELECT id, customer_id AS customer, started_at AS started,
                      status = 'in_progress' AS walks
                 FROM customer_onboarding
                WHERE company_id = %s AND definition_id = %s
                  AND is_holdout IS NOT TRUE""",
            journey,
        )

    def done(self, journey):
        return self._select(
            """SELECT c.onboarding_id AS run, c.step_id AS code, c.status,
                      c.opened_at AS opened, c.content_viewed AS views,
                      c.time_spent_seconds AS seconds
                 FROM onboarding_step_completion c
                 JOIN customer_onboarding o ON o.id = c.onboarding_id
                WHERE o.company_id = %s AND o.definition_id = %s
                  AND o.is_holdout IS NOT TRUE""",
            journey,
        )


class OnboardingChecks:
    """A mixin for who is a ``YearChecks``, too."""

    def _onboarding_journeys(self):
        journeys = self.env["onboarding.journey"].with_context(active_test=False)
        return journeys.search([("company_id", "=", self.env.company.id)])

    def test_who_has_ordered_since_and_how_far_all_are(self):
        rows = OnboardingRows(self.env)
        orders, everybody, seen = rows.orders(), 0, 0
        for journey in self._onboarding_journeys():
            walks, steps = rows.walks(journey.id), rows.done(journey.id)
            ordered = sum(
                1
                for run in walks
                if any(
                    order["customer"] == run["customer"]
                    and order["at"] >= run["started"]
                    for order in orders
                )
            )
            found = journey.get_statistics()
            self.assertEqual(found["ordered"], ordered, journey.code)
            self.assertEqual(journey.total_started, len(walks))
            progress = [self._progress(run, steps) for run in walks]
            mean = fmean(progress) if progress else 0
            self.assertAlmostEqual(journey.average_progress, mean, delta=0.06)
            self.assertEqual(journey.total_in_progress, found["in_progress"])
            self.assertEqual(journey.total_completed, found["completed"])
            self.assertAlmostEqual(journey.completion_rate, found["completion_rate"], 4)
            everybody += len(walks)
            seen += ordered
        stats = self.env["onboarding.service"].get_stats()
        self.assertEqual(stats["started"], everybody)
        self.assertGreater(seen, 0)

    def _progress(self, run, steps):
        """Return the percent of the steps of a run that are done."""
        mine = [row["status"] for row in steps if row["run"] == run["id"]]
        return percent(mine.count("completed"), len(mine))

    def test_views_time_and_what_is_open(self):
        rows = OnboardingRows(self.env)
        seen = 0
        for journey in self._onboarding_journeys():
            walking = {run["id"] for run in rows.walks(journey.id) if run["walks"]}
            steps = rows.done(journey.id)
            for told in journey.get_statistics()["steps"]:
                mine = [row for row in steps if row["code"] == told["id"]]
                for name, value in self._step(mine, walking).items():
                    self.assertEqual(told[name], value, (told["id"], name))
                looked = [row["seconds"] or 0 for row in mine if row["views"]]
                seconds = fmean(looked) if looked else 0
                self.assertAlmostEqual(told["seconds"], seconds, delta=0.51)
                seen += told["views"]
        self.assertGreater(seen, 0)

    def _step(self, rows, walking):
        """Return the figures of a step.

        :param walking: ids of the runs under way
        """
        waiting = [row for row in rows if row["status"] == "pending" and row["opened"]]
        return {
            "open": sum(1 for row in waiting if row["run"] in walking),
            "skipped": sum(1 for row in rows if row["status"] == "skipped"),
            "views": sum(row["views"] or 0 for row in rows),
        }
