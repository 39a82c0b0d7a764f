from unittest.mock import patch

from prometheus_client.core import GaugeMetricFamily

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import MetricsCommon

LOGGER = "odoo.addons.lifecycle_metrics"


@tagged("post_install", "-at_install")
class TestMetricsScrape(MetricsCommon):
    """How the figures are read: nothing is written, nothing grows, nothing blocks."""

    def _with(self, **methods):
        """Add measurements for the length of a test."""
        model = type(self.metrics)
        names = {name: f"_measure_{name}" for name in methods}
        original = model._metric_families
        patches = [
            patch.object(model, f"_measure_{name}", method, create=True)
            for name, method in methods.items()
        ]
        patches.append(
            patch.object(
                model, "_metric_families", lambda self: {**original(self), **names}
            )
        )
        for each in patches:
            self.startPatcher(each)

    def _verdicts(self):
        return self._figures().all("lifecycle_scrape_success", "collector")

    def test_every_collector_answers(self):
        expected = {(name,): 1 for name in self.metrics._metric_families()}
        self.assertEqual(self._verdicts(), expected)
        figures = self._figures()
        durations = figures.all("lifecycle_scrape_duration_seconds", "collector")
        self.assertEqual(set(durations), set(expected))

    def test_a_collector_cannot_write(self):
        def writes(metrics, now):
            metrics.env.cr.execute("DELETE FROM lifecycle_metrics_cron")
            return []

        self._with(writer=writes)
        with mute_logger("odoo.sql_db"), self.assertLogs(LOGGER, "WARNING") as logs:
            verdicts = self._verdicts()
        self.assertEqual(verdicts.pop(("writer",)), 0)
        self.assertEqual(set(verdicts.values()), {1})
        self.assertIn("read-only transaction", logs.output[0])

    def test_after_a_scrape_everything_can_be_written_again(self):
        self._figures()
        self.env["res.partner"].create({"name": "Somebody"}).flush_recordset()
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone(), ("0",))

    def test_a_slow_collector_is_broken_off_and_the_others_answer(self):
        def sleeps(metrics, now):
            return metrics.env.execute_query(SQL("SELECT pg_sleep(20)"))

        self._with(sleeper=sleeps)
        target = "odoo.addons.lifecycle_metrics.models.lifecycle_metrics.BUDGET"
        with (
            patch(target, 1.0),
            mute_logger("odoo.sql_db"),
            self.assertLogs(LOGGER, "WARNING"),
        ):
            verdicts = self._verdicts()
        self.assertEqual(verdicts.pop(("sleeper",)), 0)
        self.assertEqual(set(verdicts.values()), {1})

    def test_another_addon_adds_its_figures(self):
        def counts(metrics, now):
            return [GaugeMetricFamily("more", "More", 5)]

        self._with(more=counts)
        self.assertEqual(self._figures().get("more"), 5)

    def test_the_number_of_queries_does_not_grow(self):
        self._grow(2)
        few = self._count_queries()
        self._grow(198)
        self.assertEqual(self.runs.search_count([]), 200)
        with self.assertQueryCount(few):
            self.metrics._measure(fields.Datetime.now())
        self.assertLess(few, 60)

    def _grow(self, number):
        """More customers, journeys, runs, deliveries, events and waiting events."""
        now = fields.Datetime.now()
        if not self.runs.search_count([]):
            self.journey = self._journey(self._step(code="mail"))
        else:
            for _each in range(5):
                self._journey()
        self._walk(self.journey, *[self._member() for _each in range(number)])
        people = self.runs.search([], limit=number, order="id desc").customer_id
        self.events._record(
            [
                {
                    "customer_id": person.id,
                    "company_id": self.shop.id,
                    "event_type": "signup",
                    "event_key": f"grow:{person.id}",
                    "occurred_at": now,
                }
                for person in people
            ]
        )
        events = self.events.search([("event_key", "like", "grow:")])
        known = self.retries.sudo().search([]).event_id
        self.retries.sudo().create(
            [{"event_id": event.id, "consumer": "facts"} for event in events - known]
        )
        self.env.flush_all()

    def _count_queries(self):
        self.metrics._measure(fields.Datetime.now())
        start = self.env.cr.sql_log_count
        self.metrics._measure(fields.Datetime.now())
        return self.env.cr.sql_log_count - start
