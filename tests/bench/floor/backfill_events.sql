-- The timeline: every order, the first one of each customer, and the sign-up.
WITH orders AS (
    SELECT rp.commercial_partner_id AS customer_id, so.company_id, so.id,
           so.date_order, so.name, so.amount_total,
           row_number() OVER (PARTITION BY rp.commercial_partner_id, so.company_id
                              ORDER BY so.date_order, so.id) AS place
      FROM sale_order so JOIN res_partner rp ON rp.id = so.partner_id
     WHERE so.state = 'sale' AND so.date_order <= %(now)s
)
INSERT INTO lifecycle_event (
    customer_id, company_id, event_type, event_key, occurred_at, res_model,
    res_id, data, is_pending)
SELECT customer_id, company_id, 'order_confirmed', 'order_confirmed:' || id || ':1',
       date_order, 'sale.order', id,
       jsonb_build_object('name', name, 'amount', amount_total), FALSE
  FROM orders
 UNION ALL
SELECT customer_id, company_id, 'first_order_placed',
       'first_order_placed:' || customer_id, date_order, 'sale.order', id,
       jsonb_build_object('name', name, 'amount', amount_total), FALSE
  FROM orders WHERE place = 1
 UNION ALL
SELECT f.customer_id, f.company_id, 'signup', 'signup:' || f.customer_id,
       least(rp.create_date, f.customer_since::timestamp), 'res.partner',
       f.customer_id, NULL, FALSE
  FROM floor_fact f JOIN res_partner rp ON rp.id = f.customer_id
