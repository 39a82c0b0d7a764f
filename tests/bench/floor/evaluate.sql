-- Rows, history and timeline of the customers whose verdict differs: one statement.
WITH {verdict},
updated AS (
    UPDATE customer_lifecycle l
       SET current_stage = v.stage,
           previous_stage = CASE WHEN v.stage <> v.old_stage
               THEN v.old_stage ELSE l.previous_stage END,
           stage_changed_at = CASE WHEN v.stage <> v.old_stage
               THEN %(now)s::timestamp ELSE l.stage_changed_at END,
           attention_since = CASE WHEN v.stage <> v.old_stage
               THEN %(now)s::timestamp ELSE l.attention_since END,
           stage_pinned_until = v.pinned_until,
           engagement_score = v.score, engagement_attainable = v.attainable,
           engagement_trend = v.trend, churn_risk_score = v.risk,
           health_score = v.health, churned_at = v.churn_passed_at,
           revenue_at_stake = round(v.stake::numeric, 2),
           next_evaluation_date = v.next_date, evaluated_on = v.today,
           updated_at = %(now)s
      FROM verdict v
     WHERE l.id = v.id
),
logged AS (
    INSERT INTO lifecycle_stage_history (
        customer_id, lifecycle_id, company_id, from_stage, to_stage,
        trigger_type, trigger_details, transitioned_at)
    SELECT customer_id, id, company_id, old_stage, stage, 'automatic',
           jsonb_build_object(
               'rule', rule, 'share', score * 100 / attainable,
               'days_since_last_order', d, 'last_order_date', last_order_date,
               'total_orders', total_orders, 'engagement_score', score,
               'engagement_attainable', attainable, 'churn_risk_score', risk,
               'subscribed', subscribed),
           %(now)s
      FROM verdict
     WHERE stage <> old_stage
    RETURNING id, customer_id, company_id, from_stage, to_stage
),
events AS (
    INSERT INTO lifecycle_event (
        customer_id, company_id, event_type, event_key, occurred_at, res_model,
        res_id, data, is_pending)
    SELECT customer_id, company_id, 'stage_changed', 'stage_changed:' || id, %(now)s,
           'lifecycle.stage.history', id,
           jsonb_build_object('from', from_stage, 'to', to_stage), TRUE
      FROM logged
)
SELECT count(*) FROM logged
