UPDATE lifecycle_policy p
   SET median_gap = m.gap, median_gap_on = %(now)s::date
  FROM (SELECT company_id,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY average_order_gap) AS gap
          FROM floor_fact WHERE average_order_gap > 0 GROUP BY company_id) m
 WHERE m.company_id = p.company_id
