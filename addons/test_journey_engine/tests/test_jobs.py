from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.journey_engine.models.journey_scheduler_jobs import (
    JourneySchedulerJobs,
)

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestJobs(JourneyCommon):
    def _active_crons(self):
        crons = self.env["ir.cron"].search(
            [("code", "like", "model._cron_process_due("), ("active", "=", True)]
        )
        return sorted(crons.mapped("code"))

    def test_there_is_a_scheduled_action_per_share(self):
        for shards in (5, 1, 3):
            self.scheduler._set_shards(shards)
            self.assertEqual(
                self._active_crons(),
                [f"model._cron_process_due({number})" for number in range(shards)],
            )
            self.assertEqual(self.scheduler._shards(), shards)

    def test_a_number_of_shares_that_makes_no_sense_is_refused(self):
        for shards in (0, -1, 65, "many"):
            with self.subTest(shards=shards), self.assertRaises(ValidationError):
                self.scheduler._set_shards(shards)

    def test_settings_split_the_customers(self):
        settings = self.env["res.config.settings"]
        settings.create({"journey_shards": 4, "journey_delivery_days": 500}).execute()
        self.assertEqual(len(self._active_crons()), 4)
        self.assertEqual(self.env["journey.delivery.summary"]._kept_days(), 500)
        with self.assertRaises(ValidationError):
            settings.create({"journey_delivery_days": 3}).execute()

    def test_shares_are_disjoint_and_whole(self):
        people = [self._member() for _each in range(12)]
        runs = self._enrol(self._journey(self._step()), *people)
        taken = []
        for shard in range(3):
            items = self.scheduler.with_company(self.shop)._take(
                runs[0].next_step_at, 100, (shard, 3)
            )
            self.assertTrue(all(i.customer_id % 3 == shard for i in items))
            taken += [item.run_id for item in items]
        self.assertEqual(sorted(taken), sorted(runs.ids))

    def test_the_scheduled_action_does_the_work(self):
        run = self._enrol(self._journey(self._step(), goal="none"), self._member())
        shard = run.customer_id.id % self.scheduler._shards()
        cron = self.env["ir.cron"].search(
            [("code", "=", f"model._cron_process_due({shard})")]
        )
        # Due in the past by the real clock that the job reads.
        run.write({"next_step_at": "2020-01-01", "step_due_at": "2020-01-01"})
        self.env.flush_all()
        # The engine's own action: a bridge may have jobs do the work.
        own = JourneySchedulerJobs._cron_process_due
        with (
            patch.object(type(self.scheduler), "_cron_process_due", own),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._states(run), [("skipped", "expired")])
        self.assertEqual(run.run_state, "done")
