-- Stage, scores and next look of every customer: what a good SQL developer writes for
-- one fixed set of rules, each value named once (OFFSET 0 keeps the planner from
-- computing it at every use). No addon can add a part, no other policy can be tried.
-- {rows} is the table that holds the facts.
policy AS MATERIALIZED (
    SELECT lp.*, coalesce(cp.tz, 'UTC') AS tz,
           (%(now)s::timestamp AT TIME ZONE 'UTC'
                AT TIME ZONE coalesce(cp.tz, 'UTC'))::date AS today
      FROM lifecycle_policy lp
      JOIN res_company rc ON rc.id = lp.company_id
      JOIN res_partner cp ON cp.id = rc.partner_id
),
verdict AS MATERIALIZED (
    SELECT s.id, s.today, s.stage, s.rule, s.current_stage AS old_stage, s.score,
           s.attainable, s.trend, s.risk, s.health, s.churn_passed_at, s.d,
           s.last_order_date, s.total_orders, s.subscribed, s.customer_id,
           s.company_id,
           CASE WHEN s.is_pinned THEN s.stage_pinned_until END AS pinned_until,
           s.risk * s.total_revenue * 365 / greatest(s.age, 30) AS stake,
           least(
               s.today + 7,
               CASE WHEN s.d < s.at_risk_days THEN s.anchor + s.at_risk_days END,
               CASE WHEN s.d < s.dormant_days THEN s.anchor + s.dormant_days END,
               CASE WHEN s.d < s.churn_days THEN s.anchor + s.churn_days END,
               CASE WHEN s.d < s.engaged_days THEN s.anchor + s.engaged_days END,
               CASE WHEN s.d < 7 THEN s.anchor + 7 WHEN s.d < 14 THEN s.anchor + 14
                    WHEN s.d < 30 THEN s.anchor + 30 WHEN s.d < 60 THEN s.anchor + 60
               END,
               CASE WHEN s.age <= s.onboarding_days
                    THEN s.customer_since + s.onboarding_days + 1 END,
               CASE WHEN s.today - s.won_back_on <= s.won_back_days
                    THEN s.won_back_on + s.won_back_days + 1 END,
               CASE WHEN s.stage_pinned_until >= s.today
                    THEN s.stage_pinned_until + 1 END,
               CASE WHEN s.next_order_date > s.today THEN s.next_order_date END,
               CASE WHEN s.risk_day > s.today THEN s.risk_day END
           ) AS next_date
      FROM (
        SELECT s.*,
               CASE s.rule WHEN 'pinned' THEN s.current_stage
                           WHEN 'new' THEN 'onboarding' ELSE s.rule END AS stage,
               floor(100 * (0.4::float8 * (1 - s.risk)
                   + 0.3::float8 * s.score / s.attainable + 0.1::float8
                   + 0.1::float8 * CASE s.trend WHEN 'increasing' THEN 1
                         WHEN 'stable' THEN 0.5 ELSE 0 END::float8) + 0.5::float8)::int
                   AS health
          FROM (
            SELECT s.*,
                   CASE WHEN s.score - s.score_then >= 5 THEN 'increasing'
                        WHEN s.score - s.score_then <= -5 THEN 'decreasing'
                        ELSE 'stable' END AS trend,
                   CASE WHEN s.ordered AND NOT s.subscribed AND s.d >= s.churn_days
                        THEN (s.anchor + s.churn_days)::timestamp
                             AT TIME ZONE s.tz AT TIME ZONE 'UTC' END AS churn_passed_at,
                   CASE
                     WHEN s.is_pinned THEN 'pinned'
                     WHEN s.ordered AND NOT s.subscribed AND s.d >= s.churn_days
                       THEN 'churned'
                     WHEN s.ordered AND NOT s.subscribed AND s.d >= s.dormant_days
                       THEN 'dormant'
                     WHEN s.today - s.won_back_on BETWEEN 0 AND s.won_back_days
                       THEN 'won_back'
                     WHEN s.ordered AND (s.risk >= s.at_risk_score
                          OR s.score * 100 < s.at_risk_engagement * s.attainable
                          OR (s.d >= s.at_risk_days AND s.d < s.dormant_days
                              AND NOT s.subscribed))
                       THEN 'at_risk'
                     WHEN s.onboarding_status = 'in_progress' AND s.total_orders < 3
                          AND s.age <= s.onboarding_days
                       THEN 'onboarding'
                     WHEN s.score * 100 >= s.engaged_score * s.attainable
                          AND s.d < s.engaged_days
                       THEN 'engaged'
                     WHEN s.d < s.at_risk_days OR s.subscribed THEN 'active'
                     WHEN NOT s.ordered AND (s.onboarding_status = 'in_progress'
                          OR s.age <= s.onboarding_days)
                       THEN 'new'
                     ELSE 'acquired' END AS rule
              FROM (
                SELECT s.*,
                       CASE WHEN NOT s.ordered THEN 0.0::float8
                            ELSE (s.d / s.gap) * (s.d / s.gap)
                                 / ((s.d / s.gap) * (s.d / s.gap) + 4)
                                 * CASE WHEN s.subscribed THEN 0.5 ELSE 1.0 END::float8
                       END AS risk,
                       CASE WHEN s.d < 7 THEN 30 WHEN s.d < 14 THEN 25
                            WHEN s.d < 30 THEN 15 WHEN s.d < 60 THEN 5 ELSE 0 END
                       + CASE WHEN s.total_orders >= 20 THEN 25
                              WHEN s.total_orders >= 10 THEN 20
                              WHEN s.total_orders >= 5 THEN 15
                              WHEN s.total_orders >= 2 THEN 10
                              WHEN s.total_orders >= 1 THEN 5 ELSE 0 END
                       + CASE WHEN s.subscribed THEN 25 ELSE 0 END AS score,
                       CASE WHEN s.subscribed THEN 80 ELSE 55 END AS attainable,
                       CASE WHEN s.d_then < 7 THEN 30 WHEN s.d_then < 14 THEN 25
                            WHEN s.d_then < 30 THEN 15 WHEN s.d_then < 60 THEN 5
                            ELSE 0 END
                       + CASE WHEN s.orders_then >= 20 THEN 25
                              WHEN s.orders_then >= 10 THEN 20
                              WHEN s.orders_then >= 5 THEN 15
                              WHEN s.orders_then >= 2 THEN 10
                              WHEN s.orders_then >= 1 THEN 5 ELSE 0 END
                       + CASE WHEN s.subscribed THEN 25 ELSE 0 END AS score_then,
                       CASE WHEN s.ordered
                             AND s.at_risk_score
                                 * CASE WHEN s.subscribed THEN 2 ELSE 1 END < 1
                            THEN s.anchor + ceil(sqrt(
                                 4 * s.at_risk_score
                                 * CASE WHEN s.subscribed THEN 2 ELSE 1 END
                                 / (1 - s.at_risk_score
                                    * CASE WHEN s.subscribed THEN 2 ELSE 1 END))
                                 * s.gap - 1e-9)::int END AS risk_day
                  FROM (
                    SELECT l.id, l.customer_id, l.company_id, l.current_stage,
                           l.stage_pinned_until, l.customer_since, l.total_orders,
                           l.total_revenue, l.last_order_date, l.next_order_date,
                           l.onboarding_status, l.engagement_score,
                           l.engagement_attainable, l.engagement_trend,
                           l.health_score, l.churn_risk_score, l.churned_at,
                           l.next_evaluation_date, p.tz, p.today, p.churn_days,
                           p.dormant_days, p.at_risk_days, p.won_back_days,
                           p.at_risk_score, p.at_risk_engagement, p.onboarding_days,
                           p.engaged_score, p.engaged_days,
                           greatest(l.last_order_date, l.last_renewal_date) AS anchor,
                           coalesce(p.today - greatest(l.last_order_date,
                                                       l.last_renewal_date), 999) AS d,
                           p.today - l.customer_since AS age,
                           coalesce(l.has_active_subscription, FALSE) AS subscribed,
                           l.total_orders > 0 OR l.last_renewal_date IS NOT NULL
                               AS ordered,
                           (l.won_back_at AT TIME ZONE 'UTC' AT TIME ZONE p.tz)::date
                               AS won_back_on,
                           greatest(coalesce(l.average_order_gap, p.median_gap), 7)
                               AS gap,
                           l.stage_pinned_until >= p.today
                               AND (l.last_order_at IS NULL
                                    OR l.last_order_at <= l.stage_changed_at)
                               AS is_pinned,
                           CASE WHEN l.last_order_date <= p.today - 30
                                     OR l.total_orders = 0
                                THEN l.total_orders
                                WHEN l.recent_order_days[1] > p.today - 30
                                THEN l.total_orders - cardinality(l.recent_order_days)
                                ELSE l.total_orders - (
                                     SELECT count(*) FROM unnest(l.recent_order_days) x
                                      WHERE x > p.today - 30) END AS orders_then,
                           coalesce(least(p.today - 30 - CASE
                                WHEN l.last_order_date <= p.today - 30
                                     OR l.total_orders = 0
                                THEN l.last_order_date
                                WHEN l.recent_order_days[1] > p.today - 30
                                THEN l.earlier_order_date
                                ELSE (SELECT max(x) FROM unnest(l.recent_order_days) x
                                       WHERE x <= p.today - 30) END,
                                p.today - l.last_renewal_date), 999) AS d_then
                      FROM {rows} l
                      JOIN policy p ON p.company_id = l.company_id
                      JOIN res_partner rp ON rp.id = l.customer_id AND rp.active
                    OFFSET 0) s
                OFFSET 0) s
            OFFSET 0) s
        OFFSET 0) s
     WHERE s.stage <> s.current_stage
        OR s.next_evaluation_date <= s.today
        OR s.next_evaluation_date IS NULL
        OR (s.score, s.attainable, s.trend, s.risk, s.health, s.churn_passed_at)
           IS DISTINCT FROM
           (s.engagement_score, s.engagement_attainable, s.engagement_trend,
            s.churn_risk_score, s.health_score, s.churned_at)
)
