import logging
from bisect import bisect_left

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Seconds: from a look that finds nothing to a weekly evaluation of everybody.
BOUNDS = (
    *(0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0),
    *(120.0, 300.0, 600.0, 1800.0, 3600.0, float("inf")),
)


class LifecycleMetricsCron(models.Model):
    """How long the runs of scheduled actions took: a row per action and bucket.

    Only who holds a scheduled action's row in ir_cron writes here, so nobody waits.
    """

    _name = "lifecycle.metrics.cron"
    _description = "Durations of Scheduled Actions"
    _log_access = False

    cron_id = fields.Many2one(
        "ir.cron", required=True, ondelete="cascade", readonly=True
    )
    bound = fields.Float("At most seconds", required=True, readonly=True)
    runs = fields.Integer(required=True, readonly=True)
    failures = fields.Integer(required=True, readonly=True)
    seconds = fields.Float(required=True, readonly=True)

    _bound_uniq = models.UniqueIndex("(cron_id, bound)")

    @api.model
    def _count(self, cron_id, seconds, is_failure):
        """Count one run. No error here is one of the scheduled action.

        :param int cron_id: which scheduled action
        :param seconds: how long it took; None where its process was killed
        :param bool is_failure: whether it failed
        """
        took = float("inf") if seconds is None else seconds
        values = {
            "cron": cron_id,
            "bound": BOUNDS[bisect_left(BOUNDS, took)],
            "runs": int(seconds is not None),
            "failures": int(is_failure),
            "seconds": seconds or 0.0,
        }
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(self._count_query(**values))
        except Exception:
            _logger.warning("Scheduled action %s not measured", cron_id, exc_info=True)

    def _count_query(self, **values):
        return SQL(
            """
            INSERT INTO lifecycle_metrics_cron AS m (
                cron_id, bound, runs, failures, seconds)
            VALUES (%(cron)s, %(bound)s, %(runs)s, %(failures)s, %(seconds)s)
                ON CONFLICT (cron_id, bound) DO UPDATE
               SET runs = m.runs + excluded.runs,
                   failures = m.failures + excluded.failures,
                   seconds = m.seconds + excluded.seconds
            """,
            **values,
        )
