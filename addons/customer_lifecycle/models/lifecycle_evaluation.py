from odoo import api, models
from odoo.tools import SQL

# What history keeps of a transition, besides its rule.
DETAILS = (
    ("days_since_last_order", "d"),
    ("last_order_date", "last_order_date"),
    ("total_orders", "total_orders"),
    ("engagement_score", "score"),
    ("engagement_attainable", "attainable"),
    ("churn_risk_score", "risk"),
    ("subscribed", "subscribed"),
)
# The verdict is not what the row says, or the row is due.
DIFFERS = SQL(
    """
    (s.stage <> s.current_stage
     OR s.next_evaluation_date <= s.today
     OR s.next_evaluation_date IS NULL
     OR (s.score, s.attainable, s.trend, s.risk, s.health, s.churn_passed_at)
        IS DISTINCT FROM
        (s.engagement_score, s.engagement_attainable, s.engagement_trend,
         s.churn_risk_score, s.health_score, s.churned_at))
    """
)


class LifecycleEvaluation(models.AbstractModel):
    """Write the verdicts: one statement for row, history and timeline."""

    _name = "lifecycle.evaluation"
    _description = "Lifecycle Evaluation"

    @api.model
    def _evaluate(self, scope, now, trigger_type="automatic", history=False):
        """Bring the rows in ``scope`` to the stage and scores of their facts.

        Only rows whose result differs, or whose evaluation was due, are written.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: UTC
        :param str trigger_type: kept in the history
        :param bool history: True writes history that is no news: no hook is called
            and no consumer sees the events
        :return: list of transitions as ``_on_stage_changed`` takes them
        """
        self.env.flush_all()
        self.env.cr.execute(self._evaluation_query(scope, now, trigger_type, history))
        transitions = self.env.cr.dictfetchall()
        self.env["customer.lifecycle"].invalidate_model()
        if transitions and not history:
            self.env["lifecycle.event"]._wake()
            self._on_stage_changed(transitions)
        return transitions

    @api.model
    def _differing_ranges(self, scope, now, size):
        """Return the (first id, last id) of every ``size`` rows to evaluate.

        One look at all rows in ``scope``, which fetches next to nothing: cheaper than
        preparing to write, and by far when there is nothing to write.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT min(id), max(id) FROM (
                    SELECT s.id, (row_number() OVER (ORDER BY s.id) - 1) / %s AS batch
                      FROM (%s) s WHERE s.is_stale OR %s) differing
                 GROUP BY batch ORDER BY batch
                """,
                size,
                self._verdict_query(scope, now),
                DIFFERS,
            )
        )
        return self.env.cr.fetchall()

    def _evaluation_query(self, scope, now, trigger_type, history):
        return SQL(
            """
            WITH verdict AS MATERIALIZED (%(verdict)s),
            updated AS (%(update)s),
            logged AS (%(log)s),
            events AS (%(events)s)
            SELECT id AS history_id, lifecycle_id, customer_id, company_id,
                   from_stage, to_stage, trigger_type
              FROM logged
            """,
            verdict=self._changed_query(scope, now),
            update=self._update_query(scope, now, history),
            log=self._log_query(now, trigger_type),
            events=self._events_query(history),
        )

    def _changed_query(self, scope, now):
        """Verdicts that differ from the row, or are due.

        Next change, stake and details stand in this outermost layer, so that they
        are computed for these rows only.
        """
        return SQL(
            """
            SELECT s.id, s.customer_id, s.company_id, s.today, s.stage,
                   s.current_stage AS old_stage, s.score, s.attainable, s.trend,
                   s.risk, s.health, s.churn_passed_at,
                   CASE WHEN s.is_pinned THEN s.stage_pinned_until END AS pinned_until,
                   least(s.today + 7, %(next)s) AS next_date,
                   CASE WHEN s.stage <> s.current_stage THEN %(details)s END AS details,
                   s.risk * s.total_revenue * 365 / greatest(s.age, 30) AS stake
              FROM (%(verdict)s) s
             WHERE %(differs)s
            """,
            differs=DIFFERS,
            next=self._next_change(),
            details=self._details(),
            verdict=self._verdict_query(scope, now),
        )

    def _details(self):
        pairs = [SQL("'rule', s.rule, 'share', s.score * 100 / s.attainable")]
        pairs += [SQL("%s::text, s.%s", key, SQL.identifier(c)) for key, c in DETAILS]
        return SQL("jsonb_build_object(%s)", SQL(", ").join(pairs))

    def _update_query(self, scope, now, history):
        # The scope again: it lets a batch find its rows without reading the table.
        return SQL(
            """
            UPDATE customer_lifecycle l
               SET current_stage = v.stage,
                   previous_stage = CASE WHEN v.stage <> v.old_stage
                       THEN v.old_stage ELSE l.previous_stage END,
                   stage_changed_at = CASE WHEN v.stage <> v.old_stage
                       THEN %(now)s::timestamp ELSE l.stage_changed_at END,
                   attention_since = CASE WHEN v.stage <> v.old_stage
                       THEN %(noticed)s::timestamp ELSE l.attention_since END,
                   escalated_at = CASE WHEN v.stage = v.old_stage
                       THEN l.escalated_at END,
                   stage_pinned_until = v.pinned_until,
                   engagement_score = v.score, engagement_attainable = v.attainable,
                   engagement_trend = v.trend, churn_risk_score = v.risk,
                   health_score = v.health, churned_at = v.churn_passed_at,
                   revenue_at_stake = round(v.stake::numeric, 2),
                   next_evaluation_date = v.next_date, evaluated_on = v.today,
                   updated_at = %(now)s
              FROM verdict v
             WHERE l.id = v.id AND %(scope)s
            """,
            scope=scope,
            now=now,
            noticed=None if history else now,
        )

    def _log_query(self, now, trigger_type):
        return SQL(
            """
            INSERT INTO lifecycle_stage_history (
                customer_id, lifecycle_id, company_id, from_stage, to_stage,
                trigger_type, trigger_details, transitioned_at)
            SELECT customer_id, id, company_id, old_stage, stage,
                   %(trigger)s, details, %(now)s
              FROM verdict
             WHERE stage <> old_stage
            RETURNING id, lifecycle_id, customer_id, company_id, from_stage,
                      to_stage, trigger_type, transitioned_at
            """,
            trigger=trigger_type,
            now=now,
        )

    def _events_query(self, history):
        return SQL(
            """
            INSERT INTO lifecycle_event (
                customer_id, company_id, event_type, event_key, occurred_at,
                res_model, res_id, data, is_pending)
            SELECT customer_id, company_id, 'stage_changed', 'stage_changed:' || id,
                   transitioned_at, 'lifecycle.stage.history', id,
                   jsonb_build_object('from', from_stage, 'to', to_stage),
                   %(pending)s
              FROM logged
            """,
            pending=not history,
        )
