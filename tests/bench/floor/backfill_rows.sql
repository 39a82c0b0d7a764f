-- The rows, complete at once, and the history and timeline of their stages.
WITH {verdict},
made AS (
    INSERT INTO customer_lifecycle (
        id, customer_id, company_id, current_stage, previous_stage, stage_changed_at,
        onboarding_status, engagement_score, engagement_attainable, engagement_trend,
        health_score, churn_risk_score, revenue_at_stake, total_orders, total_revenue,
        first_order_date, last_order_date, last_order_at, average_order_gap,
        recent_order_days, earlier_order_date, customer_since, won_back_at, churned_at,
        next_order_date, next_evaluation_date, evaluated_on, facts_on, updated_at,
        create_date, write_date, create_uid, write_uid)
    SELECT f.id, f.customer_id, f.company_id, v.stage,
           CASE WHEN v.stage <> v.old_stage THEN v.old_stage END, %(now)s,
           f.onboarding_status, v.score, v.attainable, v.trend, v.health, v.risk,
           round(v.stake::numeric, 2), f.total_orders, f.total_revenue,
           f.first_order_date, f.last_order_date, f.last_order_at, f.average_order_gap,
           f.recent_order_days, f.earlier_order_date, f.customer_since, f.won_back_at,
           v.churn_passed_at, f.next_order_date, v.next_date, v.today, f.facts_on,
           %(now)s, %(now)s, %(now)s, 1, 1
      FROM floor_fact f JOIN verdict v ON v.id = f.id
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
           jsonb_build_object('from', from_stage, 'to', to_stage), FALSE
      FROM logged
)
SELECT count(*) FROM verdict
