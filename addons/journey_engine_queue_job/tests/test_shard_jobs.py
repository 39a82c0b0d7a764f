from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

KEY = "journey-process-1-of-3"


@tagged("post_install", "-at_install")
class TestShardJobs(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheduler = cls.env["journey.scheduler"]
        cls.scheduler._set_shards(3)

    def _patch(self, name, **values):
        model = self.registry["journey.scheduler"]
        return self.enterContext(patch.object(model, name, **values))

    def _write(self, job, **values):
        sentinel = job.EDIT_SENTINEL
        job.with_context(_job_edit_sentinel=sentinel).write(values)

    def _long_ago(self):
        return fields.Datetime.now() - timedelta(minutes=11)

    def _queued(self):
        return self.env["queue.job"].search([("identity_key", "=", KEY)])

    def _properties(self):
        return {
            "identity_key": KEY,
            "description": "Walk journeys: shard 2 of 3",
            "max_retries": 20,
        }

    def test_the_scheduled_action_enqueues_a_job_for_its_shard(self):
        self._patch("_is_due", return_value=True)
        walk = self._patch("_process_batch")
        with trap_jobs() as trap:
            self.scheduler._cron_process_due(1)
            trap.assert_jobs_count(1)
            trap.assert_enqueued_job(
                self.scheduler._job_process_shard,
                args=(1, 3),
                properties=self._properties(),
            )
        walk.assert_not_called()

    def test_nobody_due_no_job(self):
        self._patch("_is_due", return_value=False)
        with trap_jobs() as trap:
            self.scheduler._cron_process_due(1)
            trap.assert_jobs_count(0)

    def test_a_shard_that_is_no_more_gets_no_job(self):
        self._patch("_is_due", return_value=True)
        with trap_jobs() as trap:
            self.scheduler._cron_process_due(3)
            trap.assert_jobs_count(0)

    def test_no_shard_waits_twice(self):
        self._patch("_is_due", return_value=True)
        self.scheduler._cron_process_due(1)
        self.scheduler._cron_process_due(1)
        self.assertEqual(len(self._queued()), 1)
        self.scheduler._cron_process_due(2)
        keys = self.env["queue.job"].search([]).mapped("identity_key")
        self.assertIn("journey-process-2-of-3", keys)

    def test_its_channel_is_that_of_journeys(self):
        self.scheduler._enqueue_shard(1, 3)
        self.assertEqual(self._queued().channel, "root.journey")

    def test_a_job_walks_one_batch_and_enqueues_the_next(self):
        walk = self._patch("_process_batch", return_value=1000)
        with trap_jobs() as trap:
            self.assertEqual(self.scheduler._job_process_shard(1, 3), "1000 steps")
            trap.assert_jobs_count(1)
            trap.assert_enqueued_job(
                self.scheduler._job_process_shard,
                args=(1, 3),
                properties=self._properties(),
            )
        walk.assert_called_once()
        self.assertEqual(walk.call_args.kwargs, {"shard": (1, 3)})

    def test_the_last_job_of_a_shard_enqueues_none(self):
        self._patch("_process_batch", return_value=0)
        with trap_jobs() as trap:
            self.assertEqual(self.scheduler._job_process_shard(1, 3), "0 steps")
            trap.assert_jobs_count(0)

    def test_a_job_asks_every_company_until_one_has_work(self):
        self.env["res.company"].create({"name": "Another"})
        companies, asked = self.scheduler._companies(), []

        def walk(scheduler, _now, **_values):
            asked.append(scheduler.env.company)
            return 5 if scheduler.env.company == companies[-1] else 0

        self._patch("_process_batch", new=walk)
        with trap_jobs():
            self.assertEqual(self.scheduler._job_process_shard(1, 3), "5 steps")
        self.assertEqual(asked, list(companies))

    def test_a_job_of_a_former_split_does_nothing(self):
        walk = self._patch("_process_batch", return_value=1000)
        with trap_jobs() as trap:
            self.scheduler._job_process_shard(1, 2)
            trap.assert_jobs_count(0)
        walk.assert_not_called()

    def test_a_job_leaves_a_shard_alone_that_another_one_walks(self):
        walk = self._patch("_process_batch", return_value=0)
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [KEY])
            self.scheduler._job_process_shard(1, 3)
            walk.assert_not_called()
        self.scheduler._job_process_shard(1, 3)
        walk.assert_called()

    def test_a_collision_is_retried(self):
        self._patch("_process_batch", side_effect=SerializationFailure("again"))
        with self.assertRaisesRegex(RetryableJobError, "again"):
            self.scheduler._job_process_shard(1, 3)

    def test_a_fault_fails_the_job(self):
        self._patch("_process_batch", side_effect=ZeroDivisionError)
        with self.assertRaises(ZeroDivisionError):
            self.scheduler._job_process_shard(1, 3)

    def test_where_nobody_runs_jobs_the_scheduled_action_walks(self):
        walk = self._patch("_process_shard")
        job = self.scheduler._enqueue_shard(1, 3).db_record()
        self.scheduler._cron_process_due(1)
        walk.assert_not_called()
        self._write(job, date_created=self._long_ago())
        with self.assertLogs("odoo.addons.journey_engine_queue_job", "WARNING"):
            self.scheduler._cron_process_due(1)
        walk.assert_called_once_with(1, 3)

    def test_a_job_that_is_to_be_tried_later_is_not_left_waiting(self):
        walk = self._patch("_process_shard")
        job = self.scheduler._enqueue_shard(1, 3).db_record()
        self._write(job, date_created=self._long_ago(), eta=fields.Datetime.now())
        self.scheduler._cron_process_due(1)
        walk.assert_not_called()
