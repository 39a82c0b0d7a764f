from odoo import api, models
from odoo.tools import SQL

from .onboarding_walk import STEP_OF


class OnboardingVersion(models.AbstractModel):
    """How the books follow who is moved to another version of a journey."""

    _name = "onboarding.version"
    _description = "Onboarding in another Version"

    @api.model
    def _follow_version(self, journey, now):
        """Bring the books of those along who were moved to another version.

        :param journey: ``onboarding.journey``
        :param datetime now: naive UTC
        """
        scope = SQL("o.definition_id = %s AND o.status = 'in_progress'", journey.id)
        self._add_rows(scope)
        self.env.cr.execute(self._drop_rows_query(scope))
        self.env.cr.execute(self._order_rows_query(scope))
        self.env.cr.execute(self._pass_rows_query(scope, now))
        self.env.invalidate_all()
        walking = self.search(
            [("definition_id", "=", journey.id), ("status", "=", "in_progress")]
        ).ids
        self._reach(walking, now)
        self._settle(walking, now)

    def _drop_rows_query(self, scope):
        """Forget steps that are no more and that nobody has done."""
        return SQL(
            """
            DELETE FROM onboarding_step_completion c USING customer_onboarding o
             WHERE o.id = c.onboarding_id AND %s AND c.status = 'pending'
               AND NOT EXISTS (SELECT FROM onboarding_journey_step s WHERE %s)
            """,
            scope,
            STEP_OF,
        )

    def _order_rows_query(self, scope):
        return SQL(
            """
            UPDATE onboarding_step_completion c SET sequence = s.sequence
              FROM customer_onboarding o
              JOIN onboarding_journey_step s
                ON s.version_id = o.version_id AND s.definition_id = o.definition_id
             WHERE c.onboarding_id = o.id AND c.step_id = s.code AND %s
               AND c.sequence <> s.sequence
            """,
            scope,
        )

    def _pass_rows_query(self, scope, now):
        """What stands before the run's place is open, or, a message, left out."""
        return SQL(
            """
            UPDATE onboarding_step_completion c
               SET status = CASE WHEN s.kind = 'message' THEN 'skipped'
                                 ELSE 'pending' END,
                   reason = CASE WHEN s.kind = 'message' THEN 'passed' END,
                   opened_at = coalesce(c.opened_at, %s)
              FROM customer_onboarding o
              JOIN onboarding_journey_step h ON h.id = o.step_id
              JOIN onboarding_journey_step s
                ON s.version_id = o.version_id AND s.definition_id = o.definition_id
               AND (s.sequence, s.id) < (h.sequence, h.id)
             WHERE c.onboarding_id = o.id AND c.step_id = s.code AND %s
               AND c.status = 'pending'
            """,
            now,
            scope,
        )
