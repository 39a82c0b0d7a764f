from odoo import api, models
from odoo.tools import SQL

from ..const import CUSTOMER_KINDS, PURCHASE_METRICS
from .onboarding_walk import STEP_OF


class OnboardingSettle(models.AbstractModel):
    """Where the journeys of many customers stand, and which of them have come to their
    end.
    """

    _name = "onboarding.settle"
    _description = "End of Onboarding"

    @api.model
    def _settle(self, ids, now):
        """Bring rate and status of runs up to date after something was done in them.

        :param ids: of runs; those that are over are left alone
        :param datetime now: naive UTC
        """
        ids = list(ids)
        if not ids:
            return
        self.env.flush_all()
        self._leave_out_optional(ids, now)
        self._count_rates(ids, now)
        self._finish(ids, now)
        self._let_go(ids, now)
        self._wake_waiting(ids, now)
        self._tell_lifecycle(ids)
        self.invalidate_model()
        self.env["onboarding.step.completion"].invalidate_model()

    def _leave_out_optional(self, ids, now):
        """A purchase that completes the last milestone completes the journey, if it
        says so: what is open and optional is left out, milestones before it included.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH bought AS (
                    SELECT o.id FROM customer_onboarding o
                      JOIN onboarding_journey j ON j.id = o.definition_id
                       AND j.auto_complete_on_purchase
                     WHERE o.id = ANY(%(ids)s) AND o.status = 'in_progress'
                       AND NOT %(owes)s
                       AND (SELECT s.milestone_type = ANY(%(purchases)s)
                                   AND c.status = 'completed'
                                   AND max(s.sequence) OVER () = max(s.sequence)
                                       FILTER (WHERE c.status <> 'pending') OVER ()
                              FROM onboarding_step_completion c
                              JOIN onboarding_journey_step s
                                ON %(step)s AND s.kind = 'milestone'
                             WHERE c.onboarding_id = o.id
                             ORDER BY c.status = 'completed' DESC,
                                      c.completed_at DESC, s.sequence DESC LIMIT 1))
                UPDATE onboarding_step_completion c
                   SET status = 'skipped', reason = 'purchased', completed_at = %(now)s
                  FROM bought b WHERE c.onboarding_id = b.id AND c.status = 'pending'
                """,
                ids=ids,
                owes=self._owes_sql(),
                purchases=list(PURCHASE_METRICS),
                step=STEP_OF,
                now=now,
            )
        )

    def _count_rates(self, ids, now):
        """Count the share of completed steps; who has done something was active."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_onboarding o
                   SET completion_rate = k.rate, steps_settled = k.settled,
                       last_activity_at = %s
                  FROM (SELECT onboarding_id,
                               (100.0 * count(*) FILTER (WHERE status = 'completed')
                                   / count(*))::float AS rate,
                               count(*) FILTER (WHERE status <> 'pending') AS settled
                          FROM onboarding_step_completion
                         WHERE onboarding_id = ANY(%s) GROUP BY 1) k
                 WHERE o.id = k.onboarding_id AND o.status = 'in_progress'
                   AND (o.completion_rate, o.steps_settled)
                       IS DISTINCT FROM (k.rate, k.settled)
                """,
                now,
                ids,
            )
        )

    def _finish(self, ids, now):
        """End the journeys that have no open step: completed, if anything was."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE customer_onboarding o
                   SET status = CASE WHEN o.completion_rate > 0 THEN 'completed'
                                     ELSE 'skipped' END,
                       completed_at = %s
                 WHERE o.id = ANY(%s) AND o.status = 'in_progress'
                   AND NOT EXISTS (SELECT FROM onboarding_step_completion c
                                    WHERE c.onboarding_id = o.id
                                      AND c.status = 'pending')
                RETURNING o.id, o.status
                """,
                now,
                ids,
            )
        )
        done = [run for run, status in rows if status == "completed"]
        self._tell_end(done, "completed", now)
        skipped = [run for run, status in rows if status == "skipped"]
        self._tell_end(skipped, "skipped", now)
        greeted = self._say_goodbye(done, now)
        self._arrive([run for run, _status in rows if run not in greeted], now)

    def _say_goodbye(self, ids, now):
        """Lead completed runs to the message on completion, where there is one; runs
        that ended with optional steps open, too.

        :return: set of the ids of runs that get it
        """
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE customer_onboarding o
                   SET run_state = 'running', exit_reason = NULL, step_id = s.id,
                       next_step_at = %(now)s, step_due_at = %(now)s
                  FROM onboarding_journey_step s
                 WHERE o.id = ANY(%(ids)s) AND o.run_state <> 'cancelled'
                   AND o.is_holdout IS NOT TRUE
                   AND s.version_id = o.version_id AND s.definition_id = o.definition_id
                   AND s.is_closing AND s.template_id IS NOT NULL
                   AND NOT EXISTS (SELECT FROM customer_onboarding r
                                    WHERE r.definition_id = o.definition_id
                                      AND r.customer_id = o.customer_id
                                      AND r.id <> o.id AND r.run_state = 'running')
                RETURNING o.id
                """,
                now=now,
                ids=list(ids),
            )
        )
        return {run for (run,) in rows}

    def _let_go(self, ids, now):
        """Runs that wait behind their last step for nothing but optional steps are
        done; the customer may still do those.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.id FROM customer_onboarding o
                  JOIN onboarding_journey_step s ON s.id = o.step_id AND s.is_closing
                 WHERE o.id = ANY(%s) AND o.status = 'in_progress'
                   AND o.run_state = 'running' AND o.next_step_at > o.step_due_at
                   AND NOT %s
                """,
                ids,
                self._owes_sql(),
            )
        )
        self._arrive([run for (run,) in rows], now)

    def _arrive(self, ids, now):
        """These runs have nothing more to do; what is in a queue still goes out."""
        if not ids:
            return
        self.env.cr.execute(
            """
            UPDATE customer_onboarding
               SET run_state = 'done', exit_reason = 'completed', next_step_at = NULL,
                   completed_at = coalesce(completed_at, %s)
             WHERE id = ANY(%s) AND run_state = 'running'
            """,
            [now, list(ids)],
        )
        self._free_slots(ids)

    def _wake_waiting(self, ids, now):
        """Runs whose step has been done go on now."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_onboarding o SET next_step_at = %s
                  FROM onboarding_journey_step s
                 WHERE o.id = ANY(%s) AND o.run_state = 'running' AND s.id = o.step_id
                   AND s.kind = ANY(%s) AND o.next_step_at > o.step_due_at
                   AND EXISTS (SELECT FROM onboarding_step_completion c
                                WHERE c.onboarding_id = o.id AND c.step_id = s.code
                                  AND c.status <> 'pending')
                """,
                now,
                ids,
                list(CUSTOMER_KINDS),
            )
        )

    # ------------------------------------------------------------------- early ends
    @api.model
    def _on_ended(self, ids, now):
        """The engine has ended runs: their journeys are over, too, unless only optional
        steps are open.
        """
        result = super()._on_ended(ids, now)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE customer_onboarding o
                   SET status = CASE o.exit_reason
                           WHEN 'expired' THEN 'expired'
                           WHEN 'goal_reached' THEN 'completed' ELSE 'skipped' END
                 WHERE o.id = ANY(%s) AND o.status = 'in_progress'
                   AND (o.run_state = 'cancelled' OR o.exit_reason = 'goal_reached')
                RETURNING o.id, o.status, o.exit_reason
                """,
                list(ids),
            )
        )
        for status in ("expired", "completed", "skipped"):
            # Of customers who became one, the other journey goes on.
            ended = [run for run, s, why in rows if s == status and why != "merged"]
            self._tell_end(ended, status, now)
        self._tell_lifecycle([run for run, _status, _why in rows])
        return result

    @api.model
    def _expire_left(self, now, limit=1000):
        """End the journeys of those who left optional steps open until the last day.

        :param datetime now: naive UTC
        :param int limit: at most so many
        :return: number of journeys that ended
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE customer_onboarding o
                   SET status = 'expired'
                 WHERE o.id IN (
                    SELECT l.id FROM customer_onboarding l
                      JOIN onboarding_journey j ON j.id = l.definition_id
                     WHERE l.status = 'in_progress' AND l.run_state <> 'running'
                       AND l.anchor_at + j.max_duration_days * interval '1 day' <= %s
                     ORDER BY l.id LIMIT %s FOR UPDATE OF l SKIP LOCKED)
                RETURNING o.id
                """,
                now,
                limit,
            )
        )
        ids = [run for (run,) in rows]
        self._tell_end(ids, "expired", now)
        self._tell_lifecycle(ids)
        self.invalidate_model()
        return len(ids)

    @api.model
    def _cron_expire(self):
        """Expire what has lasted too long, batch by batch."""
        commit = self.env["ir.cron"]._commit_progress
        while done := self._expire_left(self.env.cr.now().replace(microsecond=0)):
            if not commit(done):
                return
