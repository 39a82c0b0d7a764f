from collections import Counter
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.journey_engine.const import EXIT_REASONS, LEFT

from ..tools.figures import counter, gauge

# The scheduled actions take due runs every minute; waiting that long is no chance.
LATE = timedelta(minutes=15)
JOURNEY = ["name", "company"]


class LifecycleMetrics(models.AbstractModel):
    """Journeys and what they send.

    Counters are rows there are, plus rows there were: ``lifecycle.metrics.departed``
    and, of deliveries that grew old, ``journey.delivery.summary``.
    """

    _inherit = "lifecycle.metrics"

    @api.model
    def _metric_families(self):
        return {
            **super()._metric_families(),
            "runs": "_measure_runs",
            "due": "_measure_due",
            "deliveries": "_measure_deliveries",
        }

    # ------------------------------------------------------------------------ runs
    def _measure_runs(self, now):
        fired, running, ended, recovered = Counter(), Counter(), Counter(), Counter()
        for row in self._rows_of_runs(self._runs_query):
            name, company, state, reason, is_holdout, number = row
            running[name, company] += number if state == "running" else 0
            # Nobody writes to the control group: it counts in no total.
            walked = 0 if is_holdout else number
            fired[name, company] += walked
            if state != "running" and walked:
                ended[name, company, self._known_reason(reason)] += walked
            recovered[company] += 0
        for company, number in self._rows_of_runs(self._recovered_query):
            recovered[company] += number
        return [
            counter("crm_playbook_fired", "Customers who entered", JOURNEY, fired),
            counter(
                "crm_rescue_recovered",
                "Runs of rescues that reached their goal",
                ["company"],
                recovered,
            ),
            counter(
                "lifecycle_runs_ended",
                "Runs that ended, by reason",
                [*JOURNEY, "reason"],
                ended,
            ),
            gauge(
                "lifecycle_runs_running",
                "Customers under way, the control group included",
                JOURNEY,
                running,
            ),
        ]

    def _rows_of_runs(self, query):
        """Return the rows that a query yields for every model of runs.

        :param query: method that takes a model's name and returns SQL
        """
        names = self.env["journey.scheduler"]._run_models()
        if not names:
            return []
        return self.env.execute_query(SQL(" UNION ALL ").join(map(query, names)))

    def _tables(self, run_model):
        """Return the identifiers of a model of runs and of its definitions."""
        definitions = self.env[self._definition_model(run_model)]
        return {
            "runs": SQL.identifier(self.env[run_model]._table),
            "definitions": SQL.identifier(definitions._table),
        }

    @api.model
    def _known_reason(self, reason):
        """Return a reason as label: what people wrote is theirs, and without end."""
        known = self.env["journey.delivery"]._reason_labels()
        return reason if reason in known or reason in (*EXIT_REASONS, "") else "other"

    def _definition_model(self, run_model):
        return self.env["journey.scheduler"]._definition_model(run_model)

    def _runs_query(self, run_model):
        """Select (code, company, state, exit reason, is holdout, number)."""
        return SQL(
            """
            SELECT d.code, c.name, f.state, coalesce(f.reason, ''),
                   coalesce(f.is_holdout, FALSE), coalesce(f.number, 0)
              FROM %(definitions)s d JOIN res_company c ON c.id = d.company_id
              LEFT JOIN (
                SELECT definition_id, run_state AS state, exit_reason AS reason,
                       is_holdout, count(*) AS number
                  FROM %(runs)s GROUP BY 1, 2, 3, 4
                 UNION ALL
                SELECT definition_id, state, reason, FALSE, sum(number)::bigint
                  FROM lifecycle_metrics_departed WHERE source = %(source)s
                 GROUP BY 1, 2, 3) f ON f.definition_id = d.id
            """,
            source=run_model,
            **self._tables(run_model),
        )

    def _recovered_query(self, run_model):
        """Select (company, number) of the passes that reached the goal of a rescue.

        A model of runs notes that in a column ``recovered_at``, once: orders that are
        cancelled later and a rescue that becomes something else change no counter.
        """
        noted = SQL("SELECT NULL::int, NULL::int WHERE FALSE")
        if "recovered_at" in self.env[run_model]._fields:
            noted = SQL(
                """SELECT company_id, count(*) FROM %s
                    WHERE recovered_at IS NOT NULL GROUP BY 1""",
                self._tables(run_model)["runs"],
            )
        return SQL(
            """
            SELECT c.name, sum(f.number)::bigint
              FROM (%s
                    UNION ALL
                    SELECT company_id, sum(number) FROM lifecycle_metrics_departed
                     WHERE source = %s GROUP BY 1) f (company_id, number)
              JOIN res_company c ON c.id = f.company_id
             GROUP BY 1
            """,
            noted,
            f"{run_model}:recovered",
        )

    # ------------------------------------------------------------------------- due
    def _measure_due(self, now):
        due, late = Counter(), Counter()
        rows = self._rows_of_runs(lambda model: self._due_query(model, now))
        for name, company, due_runs, late_runs in rows:
            due[name, company] += due_runs
            late[name, company] += late_runs
        return [
            gauge(
                "lifecycle_runs_due",
                "Runs whose next step waits to be taken",
                JOURNEY,
                due,
            ),
            gauge(
                "lifecycle_runs_late",
                "Runs that have waited for more than 15 minutes",
                JOURNEY,
                late,
            ),
        ]

    def _due_query(self, run_model, now):
        """Select (code, company, due, late); what is switched off waits rightly."""
        return SQL(
            """
            SELECT d.code, c.name, coalesce(q.due, 0), coalesce(q.late, 0)
              FROM %(definitions)s d JOIN res_company c ON c.id = d.company_id
              LEFT JOIN LATERAL (
                SELECT count(*) AS due,
                       count(*) FILTER (WHERE r.next_step_at < %(late)s) AS late
                  FROM %(runs)s r
                 WHERE r.definition_id = d.id AND r.run_state = 'running'
                   AND r.next_step_at <= %(now)s) q ON d.is_active AND d.active
            """,
            now=now,
            late=now - LATE,
            **self._tables(run_model),
        )

    # ------------------------------------------------------------------ deliveries
    def _measure_deliveries(self, now):
        states, decided, left = Counter(), Counter(), Counter()
        rows = self.env.execute_query(self._deliveries_query())
        for company, channel, state, reason, number in rows:
            states[company, channel, state, reason] += number
            # What is held is decided on again, perhaps for another channel.
            decided[company, channel] += number if state != "held" else 0
            left[company, channel] += number if state in LEFT else 0
        # What left has left, even where it was reported undeliverable later.
        for company, channel, number in self.env.execute_query(
            self._undelivered_query()
        ):
            left[company, channel] += number
        labels = ["company", "channel"]
        return [
            gauge(
                "lifecycle_deliveries_by_state",
                "Deliveries by where they stand now, and why",
                [*labels, "state", "reason"],
                states,
            ),
            counter(
                "lifecycle_deliveries",
                "Deliveries decided on, whatever became of them",
                labels,
                decided,
            ),
            counter("lifecycle_messages_sent", "Messages that left", labels, left),
        ]

    def _deliveries_query(self):
        """Select (company, channel, state, reason code, number).

        The part of a reason after its colon is free text, no label.
        """
        return SQL(
            """
            SELECT c.name, coalesce(f.channel, ''), f.state,
                   split_part(coalesce(f.reason, ''), ':', 1), sum(f.number)::bigint
              FROM (
                SELECT company_id, channel, state, reason, count(*) AS number
                  FROM journey_delivery GROUP BY 1, 2, 3, 4
                 UNION ALL
                SELECT company_id, channel, state, reason, sum(deliveries)
                  FROM journey_delivery_summary GROUP BY 1, 2, 3, 4
                 UNION ALL
                SELECT company_id, channel, state, reason, sum(number)
                  FROM lifecycle_metrics_departed
                 WHERE source = 'journey.delivery' GROUP BY 1, 2, 3, 4) f
              JOIN res_company c ON c.id = f.company_id
             GROUP BY 1, 2, 3, 4
            """
        )

    def _undelivered_query(self):
        """Select (company, channel, number) of messages that left and failed then."""
        return SQL(
            """
            SELECT c.name, coalesce(f.channel, ''), sum(f.number)::bigint
              FROM (
                SELECT company_id, channel, count(*) AS number
                  FROM journey_delivery
                 WHERE sent_at IS NOT NULL
                   AND state IN ('queued', 'failed', 'cancelled', 'skipped')
                 GROUP BY 1, 2
                 UNION ALL
                SELECT company_id, channel, sum(undelivered)
                  FROM journey_delivery_summary WHERE undelivered > 0 GROUP BY 1, 2
                 UNION ALL
                SELECT company_id, channel, sum(number)
                  FROM lifecycle_metrics_departed
                 WHERE source = 'journey.delivery:undelivered' GROUP BY 1, 2) f
              JOIN res_company c ON c.id = f.company_id
             GROUP BY 1, 2
            """
        )
