from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import Figures

CRON = "odoo.addons.base.models.ir_cron"
DURATION = "lifecycle_cron_duration_seconds"


@tagged("post_install", "-at_install")
class TestMetricsCron(TransactionCase):
    """Scheduled actions: how long, how often in vain, since when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.measured = cls.env["lifecycle.metrics.cron"].sudo()
        cls.measured.search([]).unlink()
        cls.cron = cls._create_cron("Customer Lifecycle: a test", "pass")
        cls.labels = {"cron": cls.cron.cron_name}

    @classmethod
    def _create_cron(cls, name, code, model="journey.scheduler"):
        values = {"name": name, "code": code, "state": "code", "interval_type": "days"}
        return cls.env["ir.cron"].create(
            {**values, "model_id": cls.env["ir.model"]._get_id(model)}
        )

    def _run(self, cron=None):
        with self.enter_registry_test_mode(), mute_logger(CRON):
            (cron or self.cron).method_direct_trigger()
        self.env.invalidate_all()

    def _figures(self):
        body, _content_type = self.env["lifecycle.metrics"]._scrape()
        return Figures(body.decode())

    def test_each_run_counts_with_its_time(self):
        self.cron.code = "env.cr.execute('SELECT pg_sleep(0.15)')"
        self._run()
        self._run()
        figures = self._figures()
        self.assertEqual(figures.get(f"{DURATION}_count", **self.labels), 2)
        seconds = figures.get(f"{DURATION}_sum", **self.labels)
        self.assertTrue(0.3 <= seconds < 30, seconds)
        self.assertEqual(figures.get(f"{DURATION}_bucket", **self.labels, le="0.1"), 0)
        for bound in ("300.0", "+Inf"):
            found = figures.get(f"{DURATION}_bucket", **self.labels, le=bound)
            self.assertEqual(found, 2)
        self.assertEqual(figures.get("lifecycle_cron_failures_total", **self.labels), 0)

    def test_failures_are_counted_and_stay_counted(self):
        self.cron.code = "raise UserError('broken')"
        self._run()
        self._run()
        self.cron.code = "pass"
        figures = self._figures()
        name = "lifecycle_cron_consecutive_failures"
        self.assertEqual(figures.get(name, **self.labels), 2)
        self._run()
        figures = self._figures()
        self.assertEqual(figures.get("lifecycle_cron_failures_total", **self.labels), 2)
        self.assertEqual(figures.get(name, **self.labels), 0)
        self.assertEqual(figures.get(f"{DURATION}_count", **self.labels), 3)

    def test_a_killed_run_is_a_failure_of_unknown_time(self):
        job = {"id": self.cron.id, "failure_count": 0, "first_failure_date": None}
        self.env["ir.cron"]._update_failure_count({**job, "active": True}, "failed")
        figures = self._figures()
        self.assertEqual(figures.get("lifecycle_cron_failures_total", **self.labels), 1)
        self.assertEqual(figures.get(f"{DURATION}_count", **self.labels), 0)

    def test_the_measuring_breaks_no_scheduled_action(self):
        with (
            patch.object(
                type(self.measured), "_count_query", lambda self, **values: "SELECT 1/0"
            ),
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.lifecycle_metrics", "WARNING"),
        ):
            self._run()
        self.assertEqual(self.cron.failure_count, 0)
        self.assertTrue(self.cron.lastcall)
        self.assertFalse(self.measured.search([("cron_id", "=", self.cron.id)]))

    def test_what_odoo_keeps_is_told(self):
        now = fields.Datetime.now()
        self.cron.nextcall = fields.Datetime.subtract(now, hours=1)
        self.cron.lastcall = "2026-01-02 03:04:05"
        figures = self._figures()
        overdue = figures.get("lifecycle_cron_overdue_seconds", **self.labels)
        self.assertAlmostEqual(overdue, 3600, delta=60)
        last = figures.get("lifecycle_cron_last_run_timestamp_seconds", **self.labels)
        self.assertEqual(last, 1767323045)
        self.assertEqual(figures.get("lifecycle_cron_active", **self.labels), 1)
        self.cron.active = False
        figures = self._figures()
        self.assertEqual(figures.get("lifecycle_cron_active", **self.labels), 0)
        self.assertEqual(
            figures.get("lifecycle_cron_overdue_seconds", **self.labels), 0
        )

    def test_only_ours_and_those_that_send_are_told(self):
        self._create_cron("Somebody else's", "pass", "res.partner")
        found = {
            name for (name,) in self._figures().all("lifecycle_cron_active", "cron")
        }
        ours = self.env["ir.cron"].with_context(active_test=False)
        for xmlid in (
            "customer_lifecycle.ir_cron_lifecycle_event_dispatch",
            "journey_engine.ir_cron_journey_process_due_0",
            "mail.ir_cron_mail_scheduler_action",
            "sms.ir_cron_sms_scheduler_action",
        ):
            self.assertIn(self.env.ref(xmlid).cron_name, found)
        self.assertNotIn("Somebody else's", found)
        self.assertNotIn(self.env.ref("base.autovacuum_job").cron_name, found)
        self.assertLessEqual(found, set(ours.search([]).mapped("cron_name")))

    def test_actions_of_the_same_name_are_one_series(self):
        twin = self._create_cron(self.cron.cron_name, "pass")
        self._run()
        self._run(twin)
        count = self._figures().get(f"{DURATION}_count", **self.labels)
        self.assertEqual(count, 2)

    def test_a_deleted_action_takes_its_figures_along(self):
        self._run()
        self.cron.unlink()
        self.assertFalse(self.measured.search([]))
        self.assertIsNone(self._figures().get("lifecycle_cron_active", **self.labels))
