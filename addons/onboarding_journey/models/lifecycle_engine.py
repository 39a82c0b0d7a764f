from odoo import api, models
from odoo.tools import SQL


class LifecycleEngine(models.AbstractModel):
    _inherit = "lifecycle.engine"

    @api.model
    def _merge_customers(self, source, target):
        """One customer is in a journey once, with optional steps open, too: what the
        source has done there counts for the target, whose journey goes on.
        """
        self.env.flush_all()
        pairs = self.env.execute_query(self._twice_query(source, target))
        now = self.env.cr.now().replace(microsecond=0)
        leaving, staying = zip(*pairs, strict=True) if pairs else ((), ())
        self.env.cr.execute(self._hand_over_query(pairs))
        runs = self.env["customer.onboarding"].sudo()
        runs._end(leaving, "cancelled", "merged", now)
        self.env.cr.execute(
            "UPDATE customer_onboarding SET status = 'skipped', exit_reason = 'merged'"
            " WHERE id = ANY(%s) AND status = 'in_progress'",
            [list(leaving)],
        )
        self.env.invalidate_all()
        result = super()._merge_customers(source, target)
        runs._settle(staying, now)
        return result

    @api.model
    def _anonymize_customer(self, partner):
        """Why a step was left out stays as a code, not in a colleague's words."""
        result = super()._anonymize_customer(partner)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE onboarding_step_completion c SET reason = NULL
                  FROM customer_onboarding o
                 WHERE o.id = c.onboarding_id AND o.customer_id = %s
                   AND c.reason <> ALL(%s)
                """,
                partner.id,
                list(self.env["journey.delivery"]._reason_labels()),
            )
        )
        self.env["onboarding.step.completion"].invalidate_model()
        return result

    def _twice_query(self, source, target):
        """Select the runs of both customers, source's first, of journeys that both are
        in.
        """
        return SQL(
            """
            SELECT s.id, t.id FROM customer_onboarding s JOIN customer_onboarding t
                ON t.definition_id = s.definition_id AND t.status = 'in_progress'
               AND t.customer_id = %s
             WHERE s.customer_id = %s AND s.status = 'in_progress'
            """,
            target.id,
            source.id,
        )

    def _hand_over_query(self, pairs):
        """What is done in the first run of a pair is done in the second."""
        return SQL(
            """
            UPDATE onboarding_step_completion c
               SET status = 'completed', reason = NULL, completed_at = d.completed_at,
                   opened_at = coalesce(c.opened_at, d.opened_at),
                   content_viewed = c.content_viewed + d.content_viewed,
                   time_spent_seconds = c.time_spent_seconds + d.time_spent_seconds,
                   milestone_value = d.milestone_value
              FROM unnest(%s::int[], %s::int[]) pair (source, target)
              JOIN onboarding_step_completion d
                ON d.onboarding_id = pair.source AND d.status = 'completed'
             WHERE c.onboarding_id = pair.target AND c.step_id = d.step_id
               AND c.status = 'pending'
            """,
            [source for source, _target in pairs],
            [target for _source, target in pairs],
        )
