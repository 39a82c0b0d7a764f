-- The figures of the dashboard from one pass over customers, one over history and one
-- over the orders of both periods.
WITH moved AS MATERIALIZED (
    SELECT lifecycle_id,
           (array_agg(from_stage ORDER BY transitioned_at, id))[1] AS stage,
           bool_or(transitioned_at < %(end)s AND to_stage = 'churned') AS churned,
           bool_or(transitioned_at < %(end)s AND to_stage IN ('dormant', 'churned'))
               AS lapsed,
           bool_or(transitioned_at < %(end)s AND to_stage = 'won_back') AS returned
      FROM lifecycle_stage_history
     WHERE company_id = ANY(%(companies)s) AND transitioned_at >= %(start)s
       AND (from_stage IN ('dormant', 'churned')
            OR to_stage IN ('dormant', 'churned', 'won_back'))
     GROUP BY lifecycle_id
),
moved_before AS MATERIALIZED (
    SELECT lifecycle_id,
           (array_agg(from_stage ORDER BY transitioned_at, id))[1] AS stage,
           bool_or(transitioned_at < %(start)s AND to_stage = 'churned') AS churned,
           bool_or(transitioned_at < %(start)s AND to_stage IN ('dormant', 'churned'))
               AS lapsed,
           bool_or(transitioned_at < %(start)s AND to_stage = 'won_back') AS returned
      FROM lifecycle_stage_history
     WHERE company_id = ANY(%(companies)s) AND transitioned_at >= %(before)s
       AND (from_stage IN ('dormant', 'churned')
            OR to_stage IN ('dormant', 'churned', 'won_back'))
     GROUP BY lifecycle_id
),
customer AS (
    SELECT l.*, m.stage AS m_stage, m.churned AS m_churned, m.lapsed AS m_lapsed,
           m.returned AS m_returned, b.stage AS b_stage, b.churned AS b_churned,
           b.lapsed AS b_lapsed, b.returned AS b_returned
      FROM customer_lifecycle l
      LEFT JOIN moved m ON m.lifecycle_id = l.id
      LEFT JOIN moved_before b ON b.lifecycle_id = l.id
     WHERE l.company_id = ANY(%(companies)s)
),
stages AS (
    SELECT current_stage, count(*) AS customers, sum(total_revenue) AS revenue,
           count(*) FILTER (WHERE total_orders > 0) AS ordered,
           count(*) FILTER (WHERE customer_since >= %(start)s
                              AND customer_since < %(end)s) AS born,
           count(*) FILTER (WHERE customer_since >= %(before)s
                              AND customer_since < %(start)s) AS born_before,
           count(*) FILTER (WHERE onboarding_started_at >= %(start)s
                              AND onboarding_started_at < %(end)s) AS onboarding,
           sum(revenue_at_stake) AS stake,
           count(*) FILTER (WHERE coalesce(m_stage, current_stage) <> 'churned')
               AS stayed,
           count(*) FILTER (WHERE coalesce(m_stage, current_stage) <> 'churned'
                              AND m_churned IS NOT TRUE) AS kept,
           count(*) FILTER (WHERE coalesce(m_stage, current_stage)
                                  IN ('dormant', 'churned') OR m_lapsed OR m_returned)
               AS lapsed,
           count(*) FILTER (WHERE m_returned) AS returned,
           count(*) FILTER (WHERE coalesce(b_stage, current_stage) <> 'churned')
               AS stayed_before,
           count(*) FILTER (WHERE coalesce(b_stage, current_stage) <> 'churned'
                              AND b_churned IS NOT TRUE) AS kept_before,
           count(*) FILTER (WHERE coalesce(b_stage, current_stage)
                                  IN ('dormant', 'churned') OR b_lapsed OR b_returned)
               AS lapsed_before,
           count(*) FILTER (WHERE b_returned) AS returned_before
      FROM customer GROUP BY current_stage
),
revenue AS (
    SELECT sum(amount_total / coalesce(nullif(currency_rate, 0), 1))
               FILTER (WHERE date_order >= %(start)s) AS now,
           sum(amount_total / coalesce(nullif(currency_rate, 0), 1))
               FILTER (WHERE date_order < %(start)s) AS before
      FROM sale_order
     WHERE state = 'sale' AND company_id = ANY(%(companies)s)
       AND date_order >= %(before)s AND date_order < %(end)s
),
flow AS (
    SELECT from_stage, to_stage, count(*) AS moves
      FROM lifecycle_stage_history
     WHERE company_id = ANY(%(companies)s)
       AND transitioned_at >= %(start)s AND transitioned_at < %(end)s
     GROUP BY from_stage, to_stage
),
trend AS (
    SELECT date, stage, sum(customers) AS customers FROM lifecycle_daily_stat
     WHERE company_id = ANY(%(companies)s) AND date >= %(start)s AND date < %(end)s
     GROUP BY date, stage
),
cohorts AS (
    SELECT cohort, period, sum(customers) AS customers, sum(active_customers) AS active
      FROM lifecycle_cohort_stat WHERE company_id = ANY(%(companies)s)
     GROUP BY cohort, period
)
SELECT (SELECT jsonb_agg(s) FROM stages s), (SELECT to_jsonb(r) FROM revenue r),
       (SELECT jsonb_agg(f) FROM flow f), (SELECT jsonb_agg(t) FROM trend t),
       (SELECT jsonb_agg(c) FROM cohorts c)
