-- Facts of every customer from the orders, into a table of their own.
CREATE TEMPORARY TABLE floor_fact ON COMMIT DROP AS
WITH policy AS MATERIALIZED (
    SELECT lp.company_id, lp.dormant_days, coalesce(cp.tz, 'UTC') AS tz,
           (%(now)s::timestamp AT TIME ZONE 'UTC'
                AT TIME ZONE coalesce(cp.tz, 'UTC'))::date AS today
      FROM lifecycle_policy lp
      JOIN res_company rc ON rc.id = lp.company_id
      JOIN res_partner cp ON cp.id = rc.partner_id
),
orders AS (
    SELECT rp.commercial_partner_id AS customer_id, so.company_id, so.date_order,
           so.amount_total / coalesce(nullif(so.currency_rate, 0), 1) AS amount,
           (so.date_order AT TIME ZONE 'UTC' AT TIME ZONE p.tz)::date AS day,
           p.today, p.dormant_days
      FROM sale_order so
      JOIN res_partner rp ON rp.id = so.partner_id
      JOIN policy p ON p.company_id = so.company_id
     WHERE so.state = 'sale'
),
ranked AS (
    SELECT *, lag(day) OVER (PARTITION BY customer_id, company_id
                             ORDER BY date_order) AS previous
      FROM orders WHERE day <= today
),
counted AS (
    SELECT customer_id, company_id, today, count(*)::int AS total_orders,
           sum(amount) AS total_revenue, min(day) AS first_order_date,
           max(day) AS last_order_date, max(date_order) AS last_order_at,
           (max(day) - min(day))::float8
               / nullif(count(*) FILTER (WHERE day IS DISTINCT FROM previous) - 1, 0)
               AS average_order_gap,
           array_agg(day ORDER BY day) FILTER (WHERE day > today - 30)
               AS recent_order_days,
           max(day) FILTER (WHERE day <= today - 30) AS earlier_order_date,
           max(date_order) FILTER (WHERE day - previous >= dormant_days) AS won_back_at
      FROM ranked GROUP BY customer_id, company_id, today
)
SELECT nextval('customer_lifecycle_id_seq')::int AS id, c.customer_id, c.company_id,
       c.today AS facts_on, c.total_orders,
       round(c.total_revenue, cur.decimal_places) AS total_revenue,
       c.first_order_date, c.last_order_date, c.last_order_at, c.average_order_gap,
       c.recent_order_days, c.earlier_order_date, c.won_back_at,
       least(c.first_order_date, rp.create_date::date) AS customer_since,
       u.day AS next_order_date, 'acquired'::varchar AS current_stage,
       'not_started'::varchar AS onboarding_status, %(now)s::timestamp AS stage_changed_at,
       NULL::date AS stage_pinned_until, NULL::date AS last_renewal_date,
       NULL::date AS next_evaluation_date, NULL::boolean AS has_active_subscription,
       0 AS engagement_score, 55 AS engagement_attainable, 0 AS health_score,
       'stable'::varchar AS engagement_trend, 0.0::float8 AS churn_risk_score,
       NULL::timestamp AS churned_at
  FROM counted c
  JOIN res_partner rp ON rp.id = c.customer_id
  JOIN res_company rc ON rc.id = c.company_id
  JOIN res_currency cur ON cur.id = rc.currency_id
  LEFT JOIN (SELECT customer_id, company_id, min(day) AS day FROM orders
              WHERE day > today GROUP BY 1, 2) u
         ON u.customer_id = c.customer_id AND u.company_id = c.company_id
