from odoo import api, models
from odoo.tools import SQL


class OnboardingRecord(models.AbstractModel):
    """What others are told of onboarding: the lifecycle, the timeline, the engine."""

    _name = "onboarding.record"
    _description = "Traces of Onboarding"

    @api.model
    def _tell_lifecycle(self, ids):
        """Write status, dates and rate of the customers' latest journeys to their rows.

        Nobody onboards the control group: what it does by itself is no figure of ours.

        :param ids: of runs
        """
        if not ids:
            return
        self.env.flush_all()
        self.env.cr.execute(self._lifecycle_query(ids))
        self.env["customer.lifecycle"].invalidate_model()

    def _lifecycle_query(self, ids):
        return SQL(
            """
            UPDATE customer_lifecycle l
               SET onboarding_status = v.status,
                   onboarding_started_at = v.started_at,
                   onboarding_completed_at = v.completed_at,
                   onboarding_completion_rate = v.rate
              FROM (
                SELECT o.customer_id, o.company_id, o.started_at,
                       o.completion_rate AS rate,
                       CASE WHEN o.status IN ('in_progress', 'completed')
                            THEN o.status ELSE 'skipped' END AS status,
                       CASE WHEN o.status = 'completed'
                            THEN o.completed_at END AS completed_at
                  FROM customer_onboarding o
                 WHERE o.id = ANY(%s) AND o.is_holdout IS NOT TRUE
                   AND o.exit_reason IS DISTINCT FROM 'merged'
                   AND NOT EXISTS (
                    SELECT FROM customer_onboarding n
                     WHERE n.customer_id = o.customer_id
                       AND n.company_id = o.company_id
                       AND n.is_holdout IS NOT TRUE
                       AND n.exit_reason IS DISTINCT FROM 'merged'
                       AND (n.started_at, n.id) > (o.started_at, o.id))) v
             WHERE l.customer_id = v.customer_id AND l.company_id = v.company_id
               AND (l.onboarding_status, l.onboarding_started_at,
                    l.onboarding_completed_at, l.onboarding_completion_rate)
                   IS DISTINCT FROM
                   (v.status, v.started_at, v.completed_at, v.rate)
            """,
            list(ids),
        )

    @api.model
    def _tell_end(self, ids, status, now):
        """Write the end into the timeline, and have the customers evaluated anew."""
        if not ids:
            return
        self._tell_timeline(ids, f"onboarding_{status}", now)
        rows = self.env.execute_query(
            SQL(
                """SELECT customer_id, company_id FROM customer_onboarding
                    WHERE id = ANY(%s)""",
                list(ids),
            )
        )
        self.env["customer.lifecycle"].sudo()._touch(rows)

    @api.model
    def _tell_timeline(self, ids, event_type, now):
        self.env["lifecycle.event"].sudo()._record_query(
            SQL(
                """
                SELECT o.customer_id, o.company_id, %(event)s AS event_type,
                       %(event)s || ':' || o.id AS event_key, %(now)s AS occurred_at,
                       'customer.onboarding' AS res_model, o.id AS res_id,
                       jsonb_build_object('journey', j.code,
                           'rate', round(o.completion_rate::numeric, 1)) AS data
                  FROM customer_onboarding o
                  JOIN onboarding_journey j ON j.id = o.definition_id
                 WHERE o.id = ANY(%(ids)s)
                """,
                event=SQL("%s::text", event_type),
                now=SQL("%s::timestamp", now),
                ids=list(ids),
            )
        )
