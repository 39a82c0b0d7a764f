from odoo import api, models
from odoo.tools import SQL

from ..tools.figures import gauge


class LifecycleMetrics(models.AbstractModel):
    """What waits, how much of it and since when."""

    _inherit = "lifecycle.metrics"

    @api.model
    def _metric_families(self):
        return {
            **super()._metric_families(),
            "queues": "_measure_queues",
            "retries": "_measure_retries",
        }

    @api.model
    def _queues(self, now):
        """Return the queues: {name: query}; an addon adds its own.

        A query selects one row: (length, when the oldest began to wait, naive UTC).
        """
        return {
            "events": self._waiting_events_query(),
            "runs": self._waiting_runs_query(now),
            "mail": self._waiting_mails_query(now),
            "sms": SQL(
                "SELECT count(*), min(create_date) FROM sms_sms"
                " WHERE state = 'outgoing'"
            ),
            "retries": SQL(
                "SELECT count(*), min(create_date) FROM lifecycle_event_retry"
                " WHERE state = 'waiting'"
            ),
        }

    def _measure_queues(self, now):
        queues = self._queues(now)
        parts = [
            SQL("SELECT %s, q.* FROM (%s) q", name, query)
            for name, query in queues.items()
        ]
        lengths, ages = {}, {}
        rows = self.env.execute_query(SQL(" UNION ALL ").join(parts))
        for name, length, oldest in rows:
            lengths[name] = length
            # An event may be dated later than it is recorded.
            ages[name] = max((now - oldest).total_seconds(), 0) if oldest else 0
        return [
            gauge("lifecycle_queue_length", "How many wait", ["queue"], lengths),
            gauge(
                "lifecycle_queue_oldest_seconds",
                "How long the oldest has waited",
                ["queue"],
                ages,
            ),
        ]

    def _waiting_events_query(self):
        """The first recorded waits longest; no other date of it is kept."""
        return SQL(
            """
            SELECT count(*), (
                SELECT e.occurred_at FROM lifecycle_event e
                 WHERE e.is_pending ORDER BY e.id LIMIT 1)
              FROM lifecycle_event WHERE is_pending
            """
        )

    def _waiting_runs_query(self, now):
        """Due runs of journeys that are switched on."""
        parts = [
            SQL(
                """
                SELECT q.due, q.oldest FROM %(definitions)s d
                 CROSS JOIN LATERAL (
                    SELECT count(*) AS due, min(r.next_step_at) AS oldest
                      FROM %(runs)s r
                     WHERE r.definition_id = d.id AND r.run_state = 'running'
                       AND r.next_step_at <= %(now)s) q
                 WHERE d.is_active AND d.active
                """,
                now=now,
                **self._tables(model),
            )
            for model in self.env["journey.scheduler"]._run_models()
        ]
        none = SQL("SELECT 0::bigint AS due, NULL::timestamp AS oldest")
        return SQL(
            "SELECT sum(due)::bigint, min(oldest) FROM (%s) w",
            SQL(" UNION ALL ").join([none, *parts]),
        )

    def _waiting_mails_query(self, now):
        """Mails of journeys; those that were put off wait from then on."""
        return SQL(
            """
            SELECT count(*), min(greatest(m.create_date, m.scheduled_date))
              FROM mail_mail m JOIN mailing_mailing g ON g.id = m.mailing_id
             WHERE m.state = 'outgoing' AND g.journey_company_id IS NOT NULL
               AND (m.scheduled_date IS NULL OR m.scheduled_date <= %s)
            """,
            now,
        )

    # --------------------------------------------------------------------- retries
    def _measure_retries(self, now):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.name, r.consumer, r.state, count(*)
                  FROM lifecycle_event_retry r
                  JOIN res_company c ON c.id = r.company_id GROUP BY 1, 2, 3
                """
            )
        )
        counts = {tuple(labels): number for *labels, number in rows}
        return [
            gauge(
                "lifecycle_event_retries",
                "Events that a consumer could not take: waiting, or given up (failed)",
                ["company", "consumer", "state"],
                counts,
            )
        ]
