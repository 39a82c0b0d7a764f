from odoo import api, models
from odoo.tools import SQL

from ..const import CUSTOMER_KINDS, OPERATOR_KEYS

# Steps of a run's version, by alias: ``o`` the run, ``s`` the step, ``c`` how far the
# customer came with it.
STEP_OF = SQL(
    """s.version_id = o.version_id AND s.definition_id = o.definition_id
       AND s.code = c.step_id"""
)
# A step before ``s`` that later ones wait for is not done.
HELD_UP = SQL(
    """EXISTS (
        SELECT FROM onboarding_journey_step b
          JOIN onboarding_step_completion d
            ON d.onboarding_id = o.id AND d.step_id = b.code AND d.status = 'pending'
         WHERE b.version_id = o.version_id AND b.definition_id = o.definition_id
           AND b.is_blocking AND b.kind <> 'message' AND b.sequence < s.sequence)"""
)


class OnboardingWalk(models.AbstractModel):
    """How the steps of many customers proceed; a bounded number of statements, however
    many customers there are.
    """

    _name = "onboarding.walk"
    _description = "Walk through Onboarding"

    @api.model
    def _begin(self, ids, now):
        """Open the books of new runs: a row per step, lifecycle and timeline."""
        if not ids:
            return
        self._add_rows(SQL("o.id = ANY(%s)", list(ids)))
        self._tell_lifecycle(ids)
        self._tell_timeline(ids, "onboarding_started", now)

    @api.model
    def _add_rows(self, scope):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO onboarding_step_completion
                       (onboarding_id, step_id, sequence, status, content_viewed,
                        time_spent_seconds)
                SELECT o.id, s.code, s.sequence, 'pending', 0, 0
                  FROM customer_onboarding o
                  JOIN onboarding_journey_step s
                    ON s.version_id = o.version_id AND s.definition_id = o.definition_id
                   AND s.is_closing IS NOT TRUE
                 WHERE %s ORDER BY o.id, s.sequence, s.id
                    ON CONFLICT DO NOTHING
                """,
                scope,
            )
        )
        self.env["onboarding.step.completion"].invalidate_model()

    # ------------------------------------------------------------------- milestones
    @api.model
    def _reach(self, ids, now):
        """Complete the milestones whose target is met, and those that this opens.

        Read from the orders themselves. What waits behind a step that is not done is
        not looked at yet.

        :param list ids: of runs
        :param datetime now: naive UTC
        :return: list of (run id, step code) of what was completed
        """
        found = []
        while reached := self._reach_once(ids, now):
            found += reached
        return found

    @api.model
    def _reach_once(self, ids, now):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT o.company_id, s.milestone_type, array_agg(DISTINCT o.customer_id)
                  FROM customer_onboarding o
                  JOIN onboarding_step_completion c
                    ON c.onboarding_id = o.id AND c.status = 'pending'
                  JOIN onboarding_journey_step s ON %s AND s.kind = 'milestone'
                 WHERE o.id = ANY(%s) AND o.status = 'in_progress' GROUP BY 1, 2
                """,
                STEP_OF,
                list(ids),
            )
        )
        found = []
        for company_id, metric, customers in rows:
            company = self.env["res.company"].browse(company_id)
            query = self._reach_query(ids, metric, customers, company, now)
            found += self.env.execute_query(query)
        if found:
            self.env["onboarding.step.completion"].invalidate_model()
        return found

    def _reach_query(self, ids, metric, customers, company, now):
        metrics = self.env["onboarding.metric"]
        # Names of the contract, not of users: they are operators of SQL as well.
        compared = SQL(" OR ").join(
            SQL(
                "(s.milestone_operator = %s AND coalesce(m.value, 0) %s"
                " s.milestone_value)",
                key,
                SQL("=" if key == "==" else key),
            )
            for key in OPERATOR_KEYS
        )
        return SQL(
            """
            UPDATE onboarding_step_completion c
               SET status = 'completed', completed_at = %(now)s, reason = NULL,
                   opened_at = coalesce(c.opened_at, %(now)s),
                   milestone_value = coalesce(m.value, 0)
              FROM customer_onboarding o
              JOIN onboarding_journey_step s
                ON s.version_id = o.version_id AND s.definition_id = o.definition_id
              LEFT JOIN (%(measured)s) m ON m.customer_id = o.customer_id
             WHERE c.onboarding_id = o.id AND c.step_id = s.code
               AND s.kind = 'milestone' AND s.milestone_type = %(metric)s
               AND c.status = 'pending' AND o.status = 'in_progress'
               AND o.company_id = %(company)s AND o.id = ANY(%(ids)s)
               AND (%(compared)s) AND NOT %(held_up)s
            RETURNING o.id, c.step_id
            """,
            measured=metrics._measure(metric, customers, company, now),
            now=now,
            metric=metric,
            company=company.id,
            ids=list(ids),
            compared=compared,
            held_up=HELD_UP,
        )

    @api.model
    def _on_customers(self, customers, company, now):
        """Look at the milestones of customers to whom something happened.

        :param list customers: ids of commercial partners
        :param company: ``res.company``
        :param datetime now: naive UTC
        """
        walking = self.search(
            [
                ("customer_id", "in", list(customers)),
                ("company_id", "=", company.id),
                ("status", "=", "in_progress"),
            ]
        ).ids
        reached = self._reach(walking, now) if walking else []
        self._settle({run for run, _code in reached}, now)
        return reached

    # ----------------------------------------------------------------------- engine
    @api.model
    def _on_advanced(self, items, now):
        """Note what became of messages, and where this leaves the journeys."""
        result = super()._on_advanced(items, now)
        rows = [
            (item.run_id, item.step.code, item.state in ("queued", "sent"), item.reason)
            for item in items
            if item.state in ("queued", "sent", "skipped", "failed")
            and not (item.until or item.ends or item.step.is_closing)
        ]
        if rows:
            self._note_messages(rows, now)
        if held := [item.run_id for item in items if item.state == "held"]:
            self._open_meanwhile(held, now)
        # Milestones of this batch were reached by the steps themselves.
        self._settle([item.run_id for item in items if not item.ends], now)
        return result

    @api.model
    def _open_meanwhile(self, ids, now):
        """While a message is held, customers may do what its time has come for: who
        signs up at night sees the first steps. What has a condition waits for the walk.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE onboarding_step_completion c SET opened_at = %s
                  FROM customer_onboarding o
                  JOIN onboarding_journey_step s
                    ON s.version_id = o.version_id
                   AND s.definition_id = o.definition_id
                 WHERE c.onboarding_id = o.id AND c.step_id = s.code
                   AND c.status = 'pending' AND c.opened_at IS NULL
                   AND o.id = ANY(%s) AND o.status = 'in_progress'
                   AND s.kind = ANY(%s)
                   AND coalesce(s.condition, '[]') IN ('', '[]')
                   AND o.anchor_at + s.delay_hours * interval '1 hour' <= %s
                   AND NOT %s
                """,
                now,
                ids,
                list(CUSTOMER_KINDS),
                now,
                HELD_UP,
            )
        )
        self.env["onboarding.step.completion"].invalidate_model()

    @api.model
    def _note_messages(self, rows, now):
        self.env.cr.execute(
            """
            UPDATE onboarding_step_completion c
               SET status = CASE WHEN v.went THEN 'completed' ELSE 'skipped' END,
                   reason = CASE WHEN v.went THEN NULL ELSE v.reason END,
                   opened_at = coalesce(c.opened_at, %(now)s), completed_at = %(now)s
              FROM unnest(%(runs)s::int[], %(codes)s::text[], %(went)s::bool[],
                          %(reasons)s::text[])
                   v (run_id, code, went, reason)
             WHERE c.onboarding_id = v.run_id AND c.step_id = v.code
               AND c.status = 'pending'
            """,
            {
                "now": now,
                "runs": [row[0] for row in rows],
                "codes": [row[1] for row in rows],
                "went": [row[2] for row in rows],
                "reasons": [row[3] for row in rows],
            },
        )
        self.env["onboarding.step.completion"].invalidate_model()

    @api.model
    def _over(self, ids):
        """Return which of these runs have come to their end already."""
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM customer_onboarding
                    WHERE id = ANY(%s) AND status <> 'in_progress'""",
                list(ids),
            )
        )
        return {run for (run,) in rows}

    @api.model
    def _closing_states(self, ids):
        """Return {run id: (status, whether a step that is not optional is open)}."""
        rows = self.env.execute_query(
            SQL(
                "SELECT o.id, o.status, %s FROM customer_onboarding o"
                " WHERE o.id = ANY(%s)",
                self._owes_sql(),
                list(ids),
            )
        )
        return {run: (status, owes) for run, status, owes in rows}

    @api.model
    def _owes_sql(self):
        """Whether run ``o`` has an open step that is not optional."""
        return SQL(
            """EXISTS (
                SELECT FROM onboarding_step_completion c
                  JOIN onboarding_journey_step s ON %s
                 WHERE c.onboarding_id = o.id AND c.status = 'pending'
                   AND s.is_optional IS NOT TRUE)""",
            STEP_OF,
        )
