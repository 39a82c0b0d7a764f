import time

from odoo import api, models

from odoo.addons.base.models.ir_cron import CompletionStatus

SECONDS = "lifecycle_metrics_seconds"


class IrCron(models.Model):
    _inherit = "ir.cron"

    @classmethod
    def _run_job(cls, job):
        """Take the time; ``_update_failure_count`` is told of the same ``job``."""
        start = time.perf_counter()
        try:
            return super()._run_job(job)
        finally:
            job[SECONDS] = time.perf_counter() - start

    @api.model
    def _update_failure_count(self, job, status):
        """Count the run where Odoo notes how it ended: once each, killed ones too."""
        result = super()._update_failure_count(job, status)
        failed = status == CompletionStatus.FAILED
        self.env["lifecycle.metrics.cron"]._count(job["id"], job.get(SECONDS), failed)
        return result
