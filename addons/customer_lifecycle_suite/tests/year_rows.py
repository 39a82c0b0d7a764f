"""Reads the rows of a replay as they are, for ``year_recount``."""


class Rows:
    """The raw rows of one company."""

    def __init__(self, env):
        env.flush_all()
        env.invalidate_all()
        self.cr = env.cr
        self.company = env.company.id

    def _select(self, query, *more):
        self.cr.execute(query, [self.company, *more])
        names = [column.name for column in self.cr.description]
        return [dict(zip(names, row, strict=True)) for row in self.cr.fetchall()]

    def moves(self):
        return self._select(
            """SELECT customer_id AS customer, from_stage AS "from", to_stage AS "to",
                      transitioned_at AS at
                 FROM lifecycle_stage_history WHERE company_id = %s
                ORDER BY transitioned_at, id"""
        )

    def orders(self):
        return self._select(
            """SELECT o.id, p.commercial_partner_id AS customer, o.date_order AS at,
                      o.amount_untaxed::float AS untaxed, o.amount_total::float AS total
                 FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                WHERE o.company_id = %s AND o.state = 'sale' ORDER BY o.id"""
        )

    def answers(self):
        return self._select(
            """SELECT score, responded_at AS at, trigger_context AS about,
                      followup_response AS words, stage, tier
                 FROM nps_response WHERE company_id = %s ORDER BY id"""
        )

    def invitations(self):
        return self._select(
            """SELECT sent_at AS sent, answered_at AS answered
                 FROM nps_invitation WHERE company_id = %s"""
        )

    def ratings(self):
        return self._select(
            """SELECT context_type AS kind, score, responded_at AS at
                 FROM csat_response WHERE company_id = %s"""
        )

    def cases(self):
        return self._select(
            """SELECT state, opened_at AS opened, closed_at AS closed
                 FROM nps_case WHERE company_id = %s"""
        )

    def attempts(self):
        return self._select(
            """SELECT a.id, a.campaign_id AS campaign, a.customer_id AS customer,
                      a.started_at AS started, a.completed_at AS ended,
                      coalesce(a.is_holdout, FALSE) AS holdout
                 FROM winback_attempt a WHERE a.company_id = %s ORDER BY a.id"""
        )

    def onboarding_runs(self, code):
        return self._select(
            """SELECT o.id, o.customer_id AS customer, o.started_at AS started,
                      o.completed_at AS completed, o.exit_reason = 'expired' AS expired,
                      coalesce(o.is_holdout, FALSE) AS holdout
                 FROM customer_onboarding o
                 JOIN onboarding_journey j ON j.id = o.journey_id
                WHERE o.company_id = %s AND j.code = %s""",
            code,
        )

    def onboarding_steps(self):
        return self._select(
            """SELECT c.onboarding_id AS run, c.step_id AS code,
                      c.status = 'completed' AS done, c.status = 'skipped' AS skipped,
                      c.opened_at AS opened
                 FROM onboarding_step_completion c
                 JOIN customer_onboarding o ON o.id = c.onboarding_id
                WHERE o.company_id = %s"""
        )

    def enrollments(self, campaign):
        return self._select(
            """SELECT id, status = 'converted' AS converted,
                      conversion_order_id AS "order",
                      coalesce(conversion_value, 0)::float AS value,
                      coalesce(is_holdout, FALSE) AS holdout
                 FROM campaign_enrollment
                WHERE company_id = %s AND definition_id = %s""",
            campaign.id,
        )

    def deliveries(self, journey):
        return self._select(
            """SELECT run_id AS run, state, channel, opened_at AS opened,
                      clicked_at AS clicked
                 FROM journey_delivery
                WHERE company_id = %s AND definition_model = %s
                  AND definition_id = %s AND reason IS DISTINCT FROM 'holdout'""",
            journey._name,
            journey.id,
        )

    def transactions(self, program):
        return self._select(
            """SELECT t.id, t.loyalty_id AS account, t.transaction_type AS type,
                      t.points::float AS points, t.created_at AS at,
                      t.expires_at AS expires,
                      ARRAY[t.source_type, t.source_id::text, t.redemption_code]
                          AS source
                 FROM loyalty_transaction t
                 JOIN customer_loyalty a ON a.id = t.loyalty_id
                WHERE a.company_id IS NOT DISTINCT FROM %s AND a.program_id = %s
                ORDER BY t.id""",
            program.id,
        )
