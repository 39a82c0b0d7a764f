-- Everything that is due expires in one statement: nobody else is at work.
WITH lot AS MATERIALIZED (
    SELECT id, loyalty_id, remaining FROM loyalty_point_lot
     WHERE remaining > 0 AND expires_at <= %(now)s
),
total AS MATERIALIZED (
    SELECT loyalty_id, sum(remaining) AS points FROM lot GROUP BY 1
),
account AS (
    UPDATE customer_loyalty a
       SET points_balance = a.points_balance - t.points,
           points_expired = a.points_expired + t.points
      FROM total t WHERE a.id = t.loyalty_id
    RETURNING a.id, a.card_id, a.customer_id, a.program_id, a.company_id,
              a.points_balance, t.points
),
tx AS (
    INSERT INTO loyalty_transaction (
        loyalty_id, program_id, company_id, transaction_type, points, balance_before,
        balance_after, source_type, created_at, user_id)
    SELECT id, program_id, company_id, 'expire', -points, points_balance + points,
           points_balance, 'loyalty.expiry', %(now)s, %(user)s
      FROM account
    RETURNING id, loyalty_id
),
moves AS (
    INSERT INTO loyalty_lot_move (lot_id, transaction_id, points)
    SELECT lot.id, tx.id, -lot.remaining
      FROM lot JOIN tx ON tx.loyalty_id = lot.loyalty_id
),
events AS (
    INSERT INTO lifecycle_event (
        customer_id, company_id, event_type, event_key, occurred_at, res_model,
        res_id, data, is_pending)
    SELECT p.commercial_partner_id, a.company_id, 'points_expired',
           'points_expired:' || tx.id, %(now)s, 'loyalty.transaction', tx.id,
           jsonb_build_object('points', -a.points), TRUE
      FROM tx JOIN account a ON a.id = tx.loyalty_id
      JOIN res_partner p ON p.id = a.customer_id
),
lots AS (
    UPDATE loyalty_point_lot l SET remaining = 0 FROM lot WHERE l.id = lot.id
),
cards AS (
    UPDATE loyalty_card c SET points = c.points - a.points
      FROM account a WHERE c.id = a.card_id
)
SELECT count(*) FROM lot
