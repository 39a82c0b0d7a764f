import logging
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.queue_job.exception import RetryableJobError

_logger = logging.getLogger(__name__)

# Collisions are ordinary; a shard that collides this often is something to look at.
MAX_RETRIES = 20
# A job that nobody took for so long: no job runner is there, or it is swamped.
PATIENCE = timedelta(minutes=10)


class JourneySchedulerJobs(models.AbstractModel):
    """Shards become jobs, so that every host with web workers walks some.

    A job is one batch and one transaction: the batch, the job that goes on with the
    shard and the word that this job is done are kept together or not at all. So a job
    needs no commit of its own, which queue_job forbids: its lock would be lost.
    """

    _inherit = "journey.scheduler"

    @api.model
    def _cron_process_due(self, shard=0):
        """Enqueue a job for the shard if customers are due.

        Where nobody runs jobs the scheduled action walks them itself, as it does
        without this addon.

        :param int shard: number of the share, from 0
        """
        shards = self._shards()
        if shard >= shards:
            return
        if self._is_left_waiting(self._shard_key(shard, shards)):
            _logger.warning(
                "No job runner took the job of shard %s within %s: walking it here.",
                shard,
                PATIENCE,
            )
            super()._cron_process_due(shard)
            return
        self._follow_traces()
        if self._is_due(shard, shards):
            self._enqueue_shard(shard, shards)

    @api.model
    def _shard_key(self, shard, shards):
        """Return what tells jobs of one shard: no second one waits beside the first."""
        return f"journey-process-{shard}-of-{shards}"

    @api.model
    def _enqueue_shard(self, shard, shards):
        """Put a job for the shard's next batch into the queue, unless one waits there.

        :param int shard: number of the share, from 0
        :param int shards: of how many
        """
        return self.with_delay(
            identity_key=self._shard_key(shard, shards),
            description=f"Walk journeys: shard {shard + 1} of {shards}",
            max_retries=MAX_RETRIES,
        )._job_process_shard(shard, shards)

    @api.model
    def _is_left_waiting(self, key):
        """Return whether a job has been ready for long and nobody runs it."""
        long_ago = fields.Datetime.now() - PATIENCE
        return bool(
            self.env["queue.job"]
            .sudo()
            .search_count(
                [
                    ("identity_key", "=", key),
                    ("state", "in", ("pending", "enqueued")),
                    ("date_created", "<", long_ago),
                    "|",
                    ("eta", "=", False),
                    ("eta", "<", long_ago),
                ],
                limit=1,
            )
        )

    @api.model
    def _is_due(self, shard, shards):
        """Return whether a customer of the shard has a step that is due."""
        self.env.flush_all()
        now = fields.Datetime.now()
        for company in self._companies():
            scheduler = self.with_company(company)
            definitions = scheduler._active_definitions()
            definitions = {model: d for model, d in definitions.items() if d}
            if definitions and self.env.execute_query(
                scheduler._due_query(definitions, now, 1, (shard, shards))
            ):
                return True
        return False

    # ------------------------------------------------------------------------- job
    @api.model
    def _job_process_shard(self, shard, shards):
        """Walk one batch of a shard, then enqueue the job for the next.

        Does nothing while another job walks the shard: that one goes on.

        :param int shard: number of the share, from 0
        :param int shards: of how many
        :return: what was done, for the list of jobs
        :raises RetryableJobError: somebody else wrote the same rows
        """
        if shards != self._shards():
            return "The customers are split in another way by now."
        if not self._hold_shard(shard, shards):
            return "Another job walks this shard."
        try:
            done = self._process_next_batch(shard, shards)
        except self._retried_errors() as error:
            raise RetryableJobError(str(error)) from error
        if done:
            self._enqueue_shard(shard, shards)
        return f"{done} steps"

    @api.model
    def _process_next_batch(self, shard, shards):
        """Walk a batch of the first company where customers are due."""
        now = fields.Datetime.now()
        for company in self._companies():
            scheduler = self.with_company(company)
            if done := scheduler._process_batch(now, shard=(shard, shards)):
                self.env.flush_all()
                return done
        return 0

    @api.model
    def _hold_shard(self, shard, shards):
        """Keep other jobs from this shard until the transaction ends."""
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s))",
            [self._shard_key(shard, shards)],
        )
        return self.env.cr.fetchone()[0]
