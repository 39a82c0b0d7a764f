-- What past orders earned, one point for each unit of money, and the balance after.
CREATE TEMP TABLE floor_order ON COMMIT DROP AS
SELECT o.id, o.name, o.partner_id, o.date_order, l.points, sum(l.points) OVER w AS after
  FROM (SELECT order_id, floor(sum(price_total)) AS points FROM sale_order_line
         WHERE product_id IS NOT NULL GROUP BY 1) l
  JOIN sale_order o ON o.id = l.order_id
  JOIN res_partner p ON p.id = o.partner_id AND p.active
 WHERE o.state = 'sale' AND o.date_order < %(since)s AND l.points > 0
   AND NOT EXISTS (
        SELECT FROM loyalty_transaction t
         WHERE t.source_type = 'sale.order' AND t.source_id = o.id
           AND t.program_id = %(program)s)
WINDOW w AS (PARTITION BY o.partner_id ORDER BY o.date_order, o.id);

-- A card and an account for everybody, complete at once.
WITH total AS MATERIALIZED (
    SELECT partner_id, sum(points) AS points FROM floor_order GROUP BY 1
),
card AS (
    INSERT INTO loyalty_card (
        program_id, company_id, partner_id, code, active, points, create_uid,
        create_date, write_uid, write_date)
    SELECT %(program)s, %(company)s, partner_id,
           '044' || gen_random_uuid(), TRUE, points, %(user)s, %(now)s, %(user)s,
           %(now)s
      FROM total
    RETURNING id, partner_id
)
INSERT INTO customer_loyalty (
    customer_id, program_id, card_id, company_id, active, points_balance, points_debt,
    points_lifetime, points_brought, points_redeemed, points_expired, current_tier,
    tier_qualified_at, next_tier_points, joined_at, referral_code, create_uid,
    create_date)
SELECT c.partner_id, %(program)s, c.id, %(company)s, TRUE, t.points, 0, t.points, 0, 0,
       0, r.code, %(now)s, r.missing, %(now)s,
       upper(substr(md5(random()::text || c.id), 1, 13)), %(user)s, %(now)s
  FROM card c JOIN total t USING (partner_id)
  CROSS JOIN LATERAL (
    SELECT max(code) FILTER (WHERE place = 1) AS code,
           coalesce(min(min_points) FILTER (WHERE min_points > t.points) - t.points, 0)
               AS missing
      FROM (SELECT code, min_points,
                   row_number() OVER (ORDER BY min_points <= t.points DESC,
                                      min_points DESC) AS place
              FROM loyalty_tier WHERE program_id = %(program)s) x) r;

-- Rows of the ledger, their lots, and the timeline.
WITH tx AS (
    INSERT INTO loyalty_transaction (
        loyalty_id, program_id, company_id, transaction_type, points, balance_before,
        balance_after, source_type, source_id, source_description, created_at,
        user_id, idempotency_key)
    SELECT a.id, a.program_id, a.company_id, 'earn', o.points, o.after - o.points,
           o.after, 'sale.order', o.id, o.name, %(now)s, %(user)s,
           'sale.order:' || o.id || ':1'
      FROM floor_order o
      JOIN customer_loyalty a ON a.customer_id = o.partner_id
       AND a.program_id = %(program)s
     ORDER BY a.id, o.after
    RETURNING id, loyalty_id, source_id, points
),
lots AS (
    INSERT INTO loyalty_point_lot (
        loyalty_id, transaction_id, points, remaining, issued_at)
    SELECT tx.loyalty_id, tx.id, tx.points, tx.points, o.date_order
      FROM tx JOIN floor_order o ON o.id = tx.source_id
),
earned AS (
    INSERT INTO lifecycle_event (
        customer_id, company_id, event_type, event_key, occurred_at, res_model,
        res_id, data, is_pending)
    SELECT p.commercial_partner_id, %(company)s, 'points_earned',
           'points_earned:' || t.last, %(now)s, 'loyalty.transaction', t.last,
           jsonb_build_object('points', t.points), FALSE
      FROM (SELECT loyalty_id, max(id) AS last, sum(points) AS points
              FROM tx GROUP BY 1) t
      JOIN customer_loyalty a ON a.id = t.loyalty_id
      JOIN res_partner p ON p.id = a.customer_id
),
risen AS (
    INSERT INTO lifecycle_event (
        customer_id, company_id, event_type, event_key, occurred_at, res_model,
        res_id, data, is_pending)
    SELECT p.commercial_partner_id, %(company)s, 'tier_changed',
           'tier_changed:' || a.id || ':' || a.current_tier || ':' || %(now)s, %(now)s,
           'customer.loyalty', a.id,
           jsonb_build_object('from', 'bronze', 'to', a.current_tier, 'rose', TRUE),
           FALSE
      FROM customer_loyalty a JOIN res_partner p ON p.id = a.customer_id
     WHERE a.program_id = %(program)s AND a.current_tier <> 'bronze'
)
SELECT count(*) FROM tx
