"""What an auditor finds in single rows, where sums agree."""

FLAWS = {
    "a negative balance that is no debt": """
        SELECT id FROM customer_loyalty
         WHERE points_balance < 0 AND points_balance <> -points_debt""",
    "points in lots beside a debt": """
        SELECT a.id FROM customer_loyalty a
          JOIN loyalty_point_lot l ON l.loyalty_id = a.id AND l.remaining > 0
         WHERE a.points_debt > 0""",
    "a lot that its movements do not explain": """
        SELECT l.id FROM loyalty_point_lot l
          LEFT JOIN loyalty_lot_move m ON m.lot_id = l.id
         GROUP BY l.id HAVING l.remaining <> l.points + coalesce(sum(m.points), 0)""",
    "a lot of another account than its transaction": """
        SELECT l.id FROM loyalty_point_lot l
          JOIN loyalty_transaction t ON t.id = l.transaction_id
         WHERE t.loyalty_id <> l.loyalty_id""",
    "two accounts of one customer": """
        SELECT customer_id FROM customer_loyalty WHERE active
         GROUP BY customer_id, program_id HAVING count(*) > 1""",
    "a live card of a customer beside the account's": """
        SELECT c.id FROM loyalty_card c
          JOIN loyalty_program g ON g.id = c.program_id
         WHERE g.accounts_since IS NOT NULL AND c.active AND c.partner_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM customer_loyalty a WHERE a.card_id = c.id)""",
}
