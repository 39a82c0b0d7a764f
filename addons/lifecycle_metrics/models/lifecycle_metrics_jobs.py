from collections import Counter

from prometheus_client.core import HistogramMetricFamily

from odoo import api, models
from odoo.tools import SQL

from ..tools.figures import counter, cumulated, gauge
from .lifecycle_metrics_cron import BOUNDS

CRON = ["cron"]
# What Odoo keeps of a scheduled action: (metric, what it tells).
STATES = (
    ("lifecycle_cron_active", "1 where it is switched on"),
    ("lifecycle_cron_overdue_seconds", "How long ago a run should have ended"),
    ("lifecycle_cron_consecutive_failures", "Failures since the last success"),
    ("lifecycle_cron_last_run_timestamp_seconds", "When it last came to an end"),
)


class LifecycleMetrics(models.AbstractModel):
    """The scheduled actions of the suite, and those that send its messages."""

    _inherit = "lifecycle.metrics"

    @api.model
    def _metric_families(self):
        return {**super()._metric_families(), "cron": "_measure_crons"}

    @api.model
    def _foreign_crons(self):
        """Return XML ids of scheduled actions of others that the suite lives on."""
        return [
            "mail.ir_cron_mail_scheduler_action",
            "sms.ir_cron_sms_scheduler_action",
        ]

    def _measure_crons(self, now):
        ours = self._our_crons_query()
        return [
            *self._cron_durations(self.env.execute_query(self._cron_runs_query(ours))),
            *self._cron_states(
                self.env.execute_query(self._cron_states_query(ours, now))
            ),
        ]

    def _our_crons_query(self):
        """Select the ids: of our addons, on models that only they know (copies, one
        per share of the customers, have no XML id), or of others that we name.
        """
        return SQL(
            """
            WITH RECURSIVE ours AS (
                SELECT 'customer_lifecycle'::varchar AS name
                 UNION
                SELECT m.name FROM ours o
                  JOIN ir_module_module_dependency d ON d.name = o.name
                  JOIN ir_module_module m ON m.id = d.module_id)
            SELECT k.id FROM ir_cron k
              JOIN ir_act_server s ON s.id = k.ir_actions_server_id
             WHERE (SELECT bool_and(x.module IN (SELECT name FROM ours))
                      FROM ir_model_data x
                     WHERE x.model = 'ir.model' AND x.res_id = s.model_id)
                OR EXISTS (
                    SELECT FROM ir_model_data x
                     WHERE x.model = 'ir.cron' AND x.res_id = k.id
                       AND (x.module IN (SELECT name FROM ours)
                            OR x.module || '.' || x.name = ANY(%s)))
            """,
            self._foreign_crons(),
        )

    # ------------------------------------------------------------------- durations
    def _cron_runs_query(self, ours):
        """Select (name, bound, runs, seconds, failures); actions may share a name."""
        return SQL(
            """
            SELECT k.cron_name, m.bound, coalesce(sum(m.runs), 0)::bigint,
                   coalesce(sum(m.seconds), 0)::float,
                   coalesce(sum(m.failures), 0)::bigint
              FROM ir_cron k LEFT JOIN lifecycle_metrics_cron m ON m.cron_id = k.id
             WHERE k.id IN (%s) GROUP BY 1, 2
            """,
            ours,
        )

    def _cron_durations(self, rows):
        counts, took, failed = {}, Counter(), Counter()
        for name, bound, runs, seconds, failures in rows:
            buckets = counts.setdefault(name, {})
            if bound is not None:
                buckets[bound] = runs
            took[name] += seconds
            failed[name] += failures
        durations = HistogramMetricFamily(
            "lifecycle_cron_duration_seconds",
            "Time that runs of a scheduled action took",
            labels=CRON,
        )
        for name, buckets in sorted(counts.items()):
            durations.add_metric([name], cumulated(buckets, BOUNDS), took[name])
        meaning = "Runs of a scheduled action that failed or were killed"
        return [durations, counter("lifecycle_cron_failures", meaning, CRON, failed)]

    # ---------------------------------------------------------------------- states
    def _cron_states_query(self, ours, now):
        """Select the name and the columns that ``STATES`` describe."""
        return SQL(
            """
            SELECT k.cron_name, bool_or(k.active)::int,
                   coalesce(max(greatest(extract(epoch FROM %s - k.nextcall), 0))
                       FILTER (WHERE k.active), 0)::float,
                   max(k.failure_count), extract(epoch FROM max(k.lastcall))::float
              FROM ir_cron k WHERE k.id IN (%s) GROUP BY 1
            """,
            now,
            ours,
        )

    def _cron_states(self, rows):
        for place, (name, meaning) in enumerate(STATES, 1):
            # An action that never ran has no moment of its last run.
            numbers = {row[0]: row[place] for row in rows if row[place] is not None}
            yield gauge(name, meaning, CRON, numbers)
