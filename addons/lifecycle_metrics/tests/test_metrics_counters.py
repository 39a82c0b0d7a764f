from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import MetricsCommon


@tagged("post_install", "-at_install")
class TestMetricsCounters(MetricsCommon):
    """Counters never fall, whatever is purged or deleted, and count nothing twice."""

    def setUp(self):
        super().setUp()
        steps = [self._step(code="mail"), self._step(48, code="later")]
        journey = self._journey(*steps, code="payment_failed_rescue")
        people = [self._member() for _each in range(4)]
        self.runs = self._walk(journey, *people)
        first = self.runs[0]
        first._end(first.ids, "done", "goal_reached", fields.Datetime.now())
        first.recovered_at = fields.Datetime.now()
        self.runs[1:3].delivery_ids.trace_id.set_sent()
        self.deliveries._follow_traces()
        self.before = self._totals()

    def _totals(self):
        """Every sample of a counter of the shop."""
        self.env.flush_all()
        return {
            key: value
            for key, value in self._figures().samples.items()
            if key[0].endswith("_total") and ("company", self.shop.name) in key[1]
        }

    def _total(self, metric, /, **labels):
        labels = frozenset({"company": self.shop.name, **labels}.items())
        return self._totals()[metric, labels]

    def _assert_nothing_fell(self):
        after = self._totals()
        self.assertEqual({key: after.get(key) for key in self.before}, self.before)

    def test_what_is_counted_at_first(self):
        names = {name for name, _labels in self.before}
        for name in (
            "crm_playbook_fired_total",
            "crm_rescue_recovered_total",
            "lifecycle_runs_ended_total",
            "lifecycle_deliveries_total",
            "lifecycle_messages_sent_total",
        ):
            self.assertIn(name, names)
        self.assertEqual(self._total("crm_rescue_recovered_total"), 1)
        self.assertEqual(
            self._total("lifecycle_messages_sent_total", channel="email"), 2
        )

    def test_deliveries_that_become_figures_count_once(self):
        summary = self.env["journey.delivery.summary"]
        later = fields.Datetime.now() + timedelta(days=1)
        done = summary._summarise(later, 1) + summary._summarise(later, 9999)
        # Those in the queue are kept.
        self.assertGreaterEqual(done, 3)
        self.assertFalse(self.runs.delivery_ids.filtered(lambda d: d.state == "sent"))
        self.assertEqual(self._totals(), self.before)

    def test_deleting_counts_again_after_a_purge(self):
        summary = self.env["journey.delivery.summary"]
        summary._summarise(fields.Datetime.now() - timedelta(days=1), 9999)
        self.deliveries.sudo().search([("run_id", "in", self.runs.ids)]).unlink()
        self.assertEqual(self._totals(), self.before)

    def test_deleted_runs_stay_in_the_totals(self):
        self.runs.sudo().unlink()
        self._assert_nothing_fell()

    def test_a_run_that_is_deleted_under_way_has_ended(self):
        journey = self._journey(self._step(24), code="slow")
        run = self._walk(journey, self._member())
        self.assertEqual(run.run_state, "running")
        run.sudo().unlink()
        self.assertEqual(self._total("crm_playbook_fired_total", name="slow"), 1)
        ended = self._total("lifecycle_runs_ended_total", name="slow", reason="deleted")
        self.assertEqual(ended, 1)
        running = self._figures().get(
            "lifecycle_runs_running", name="slow", company=self.shop.name
        )
        self.assertEqual(running, 0)

    def test_a_deleted_customer_takes_rows_along_but_no_figures(self):
        # Nobody deletes who gave consent.
        people = self._member(agreed=False) + self._member(agreed=False)
        runs = self._walk(self._journey(self._step(code="mail")), *people)
        self.before = self._totals()
        self.env.flush_all()
        # As the database does it: by cascades that no code of ours sees.
        self.env.cr.execute("DELETE FROM res_partner WHERE id = ANY(%s)", [people.ids])
        self.env.invalidate_all()
        self.assertFalse(runs.exists())
        self._assert_nothing_fell()

    def test_the_control_group_is_not_counted_when_it_is_deleted(self):
        journey = self._journey(code="silent", holdout_percent=100)
        self._walk(journey, self._member()).sudo().unlink()
        self.assertEqual(self._total("crm_playbook_fired_total", name="silent"), 0)

    def test_what_was_held_is_not_counted_when_it_is_deleted(self):
        self.env.cr.execute(
            "UPDATE journey_delivery SET state = 'held' WHERE id = ANY(%s)",
            [self.runs.delivery_ids.ids],
        )
        self.env.invalidate_all()
        held = self._totals()
        self.deliveries.sudo().search([("run_id", "in", self.runs.ids)]).unlink()
        # With nothing to count, a series ends.
        left = {key: value for key, value in held.items() if value}
        self.assertEqual(self._totals(), left)

    def test_a_message_that_is_deleted_in_its_queue_is_cancelled(self):
        queued = self.runs[3].delivery_ids
        self.assertEqual(queued.state, "queued")
        queued.sudo().unlink()
        self._assert_nothing_fell()
        labels = {"channel": "email", "state": "cancelled", "reason": "deleted"}
        found = self._figures().get(
            "lifecycle_deliveries_by_state", company=self.shop.name, **labels
        )
        self.assertEqual(found, 1)

    def test_an_sms_that_is_reported_undeliverable_has_left_all_the_same(self):
        sent = self._sms(sent=True) + self._sms(sent=True)
        failed = self._sms()
        self.before = self._totals()
        self.assertEqual(self._total("lifecycle_messages_sent_total", channel="sms"), 2)
        for delivery in sent[0] + failed:
            self._report(delivery, "error", failure_type="sms_not_delivered")
        self.assertEqual((sent[0] + failed).mapped("state"), ["failed"] * 2)
        self.assertTrue(sent[0].sent_at)
        self.assertFalse(failed.sent_at)
        self._assert_nothing_fell()
        self.assertEqual(self._total("lifecycle_messages_sent_total", channel="sms"), 2)
        # Nor does it count for less once it is gone.
        self._report(sent[1], "bounce")
        summaries = self.env["journey.delivery.summary"]
        summaries._summarise(fields.Datetime.now() + timedelta(days=1), 9999)
        self.assertFalse(sent.exists())
        self._assert_nothing_fell()

    def test_an_undeliverable_sms_that_is_deleted_has_left(self):
        sent = self._sms(sent=True)
        self._report(sent, "error", failure_type="sms_not_delivered")
        self.before = self._totals()
        sent.sudo().unlink()
        self._assert_nothing_fell()
        self.env["lifecycle.metrics.departed"].sudo()._add_up()
        self.assertEqual(self._total("lifecycle_messages_sent_total", channel="sms"), 1)

    def _sms(self, sent=False):
        """Return the delivery of an SMS that waits, or has left."""
        template = self.env["sms.template"].create(
            {
                "name": "Milk",
                "body": "Milk is back",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        step = self._step(channel="sms", template_id=False, sms_template_id=template.id)
        run = self._walk(self._journey(step), self._member())
        if sent:
            self._report(run.delivery_ids, "sent", sent_datetime=fields.Datetime.now())
        return run.delivery_ids

    def _report(self, delivery, status, **values):
        """Have the gateway tell what became of a text."""
        delivery.trace_id.sudo().write({"trace_status": status, **values})
        self.deliveries._follow_traces()

    def test_parts_are_added_up(self):
        departed = self.env["lifecycle.metrics.departed"].sudo()
        for run in self.runs:
            run.sudo().unlink()
        self.env.flush_all()
        before, rows = self._totals(), departed.search_count([])
        departed._add_up()
        self.assertLess(departed.search_count([]), rows)
        self.assertEqual(self._totals(), before)

    def test_few_parts_are_left_alone(self):
        departed = self.env["lifecycle.metrics.departed"].sudo()
        self.runs.sudo().unlink()
        rows = departed.search([]).ids
        departed._gc_parts()
        self.assertEqual(departed.search([]).ids, rows)

    def test_every_model_of_runs_is_watched(self):
        tables = [self.env[model]._table for model in self.scheduler._run_models()] + [
            "journey_delivery"
        ]
        self.env.cr.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname = 'lifecycle_metrics_departed'"
        )
        self.assertEqual({t for (t,) in self.env.cr.fetchall()}, set(tables))
