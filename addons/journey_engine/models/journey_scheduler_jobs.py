import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

_logger = logging.getLogger(__name__)

SHARDS = 2
MAX_SHARDS = 64


class JourneySchedulerJobs(models.AbstractModel):
    """The scheduled actions: shards of customers, each in batches that are kept."""

    _name = "journey.scheduler.jobs"
    _description = "Journey Scheduler: jobs"

    @api.model
    def _shards(self):
        """Return in how many shares the customers are split."""
        found = (
            self.env["ir.config_parameter"].sudo().get_param("journey_engine.shards")
        )
        try:
            return min(max(int(found or SHARDS), 1), MAX_SHARDS)
        except ValueError:
            return SHARDS

    @api.model
    def _companies(self):
        return self.env["res.company"].sudo().search([("id", ">", 0)])

    @api.model
    def _cron_process_due(self, shard=0):
        """Process the due runs of one share of the customers, batch by batch.

        :param int shard: number of the share, from 0
        """
        if shard < self._shards():
            self._process_shard(shard, self._shards())

    @api.model
    def _process_shard(self, shard, shards):
        """Process a shard and commit each batch.

        :param int shard: number of the share, from 0
        :param int shards: of how many
        """
        commit = self.env["ir.cron"]._commit_progress
        self._follow_traces()
        commit()
        for company in self._companies():
            scheduler = self.with_company(company)
            # A batch that finds nothing locks nothing: the next company at once.
            while done := scheduler._try_batch((shard, shards)):
                if not commit(done):
                    return

    @api.model
    def _try_batch(self, shard):
        """Process a batch; what one company breaks does not stop the others.

        :param tuple shard: (number, of how many)
        :return: number of runs processed
        """
        engine = self.env["lifecycle.engine"]
        try:
            return engine._insist(
                lambda: self._process_batch(fields.Datetime.now(), shard=shard)
            )
        except Exception:
            self.env.cr.rollback()  # first: a broken transaction knows no names
            _logger.exception("Journeys of %s cannot be walked", self.env.company.name)
            return 0

    @api.model
    def _cron_enter_daily(self):
        """Let customers into the journeys that look for them by themselves, the first
        in priority first; each is kept on its own, and what one breaks stops no other.
        """
        now = fields.Datetime.now()
        engine = self.env["lifecycle.engine"]
        commit = self.env["ir.cron"]._commit_progress
        for definition in self._daily_definitions(now):
            try:
                engine._insist(lambda d=definition: d._enter_daily(now))
            except Exception:
                self.env.cr.rollback()  # first: a broken transaction knows no names
                _logger.exception("Nobody enters journey %s today", definition.code)
            if not commit(1):
                return

    @api.model
    def _daily_definitions(self, now):
        """Return the journeys of all kinds whose time of the day has come.

        :param datetime now: naive UTC
        """
        found = []
        for run_model in self._run_models():
            journeys = self.env[self._definition_model(run_model)].sudo()
            found += list(journeys._due_today(now))
        return sorted(found, key=lambda d: (-d.priority, d._name, d.id))

    @api.model
    def _follow_traces(self):
        """Note on deliveries what became of their messages in the queues."""
        deliveries = self.env["journey.delivery"].sudo()
        deliveries._follow_traces()
        deliveries._bring_back(fields.Datetime.now())

    @api.model
    def _set_shards(self, shards):
        """Split the customers into so many shares, with a scheduled action for each.

        :raises ValidationError: not 1 to 64
        """
        if not isinstance(shards, int) or not 1 <= shards <= MAX_SHARDS:
            raise ValidationError(
                self.env._(
                    "shards: %(value)s is not allowed; allowed are 1 to %(most)s.",
                    value=shards,
                    most=MAX_SHARDS,
                )
            )
        crons = self.env["ir.cron"].sudo().with_context(active_test=False)
        first = self.env.ref("journey_engine.ir_cron_journey_process_due_0").sudo()
        mine = crons.search([("code", "like", "model._cron_process_due(")])
        known = {cron.code: cron for cron in mine}
        for shard in range(max(shards, len(mine))):
            code = f"model._cron_process_due({shard})"
            cron = known.get(code)
            if cron:
                cron.active = shard < shards
            elif shard < shards:
                name = f"Customer Lifecycle: walk journeys ({shard + 1})"
                first.copy({"cron_name": name, "code": code, "active": True})
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("journey_engine.shards", shards)
