"""The floor of win-back: the query and the INSERT that one would write by hand."""

# Sets that are hashed once: asked for each customer, the planner, which expects one row
# here, reads them all for every single one.
WHO = """
      FROM customer_lifecycle l
      JOIN res_partner p ON p.id = l.customer_id AND p.active
      LEFT JOIN LATERAL (
           SELECT count(*) AS attempts FROM winback_attempt r
            WHERE r.customer_id = l.customer_id AND r.definition_id = %(campaign)s
              AND r.started_at >= l.last_order_at) past ON TRUE
     WHERE l.company_id = %(company)s
       AND l.last_order_date BETWEEN %(first)s AND %(last)s
       AND l.total_orders >= %(orders)s AND l.total_revenue >= %(spend)s
       AND l.has_active_subscription IS NOT TRUE
       AND past.attempts < %(attempts)s
       AND l.customer_id NOT IN (
           SELECT r.customer_id FROM winback_attempt r
            WHERE r.company_id = %(company)s
              AND (r.run_state = 'running'
                   OR coalesce(r.completed_at, r.started_at) > %(cooldown)s))
       AND l.customer_id NOT IN (
           SELECT s.customer_id FROM journey_slot s
            WHERE s.company_id = %(company)s
              AND s.exclusive_group = %(group)s AND s.priority >= %(priority)s)
       AND l.customer_id NOT IN (
           SELECT c.commercial_partner_id
             FROM sale_order o JOIN res_partner c ON c.id = o.partner_id
            WHERE o.company_id = %(company)s AND o.state = 'sale'
              AND o.date_order >= %(last)s + 1)
"""
LOOK = f"SELECT count(*) {WHO}"
START = f"""
    WITH started AS (
        INSERT INTO winback_attempt (
            definition_id, campaign_id, company_id, version_id, step_id, customer_id,
            addressee_id, run_state, status, attempt_number, steps_completed, attempts,
            started_at, anchor_at, next_step_at, step_due_at, is_holdout, create_uid,
            create_date)
        SELECT %(campaign)s, %(campaign)s, l.company_id, %(version)s, %(step)s,
               l.customer_id, l.customer_id, 'running', 'active', 1, 0, 0, %(now)s,
               %(now)s, %(now)s, %(now)s, l.customer_id %% 10 = 0, %(user)s,
               now() AT TIME ZONE 'UTC'
        {WHO} ORDER BY l.customer_id
        ON CONFLICT DO NOTHING RETURNING id, customer_id, company_id)
    INSERT INTO journey_slot (customer_id, company_id, exclusive_group, run_model,
                              run_id, priority)
    SELECT customer_id, company_id, %(group)s, 'winback.attempt', id, %(priority)s
      FROM started ORDER BY customer_id ON CONFLICT DO NOTHING
"""


def look(env, values):
    """Count the candidates."""
    env.cr.execute(LOOK, values)
    return env.cr.fetchone()[0]


def start(env, values):
    """Start attempts on the candidates; return how many."""
    env.cr.execute(START, values)
    return env.cr.rowcount
