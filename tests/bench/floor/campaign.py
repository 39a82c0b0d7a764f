"""The floor of campaigns: a bare INSERT of enrolments, a bare look at deliveries."""

# Sorted: see the floor of journeys.
ENROL = """
    INSERT INTO campaign_enrollment (
        definition_id, campaign_id, company_id, version_id, step_id, customer_id,
        addressee_id, run_state, status, steps_completed, attempts, started_at,
        anchor_at, next_step_at, step_due_at, is_holdout, create_uid, create_date)
    SELECT %(definition)s, %(definition)s, l.company_id, %(version)s, %(step)s,
           l.customer_id, l.customer_id, 'running', 'active', 0, 0, %(now)s, %(now)s,
           %(now)s, %(now)s, FALSE, %(user)s, now() AT TIME ZONE 'UTC'
      FROM customer_lifecycle l
      JOIN res_partner p ON p.id = l.customer_id AND p.active
     WHERE l.company_id = %(company)s AND {who}
       AND NOT EXISTS (SELECT FROM campaign_enrollment r
                        WHERE r.definition_id = %(definition)s
                          AND r.customer_id = l.customer_id)
     ORDER BY l.customer_id
    ON CONFLICT DO NOTHING
"""
STATISTICS = """
    SELECT step_code, state, reason, count(*), count(opened_at), count(clicked_at)
      FROM journey_delivery
     WHERE definition_model = 'engagement.campaign' AND definition_id = %s
     GROUP BY 1, 2, 3
"""


def enrol(env, campaign, now, who, **values):
    """Let customers in; return how many.

    :param str who: condition on alias ``l`` (customer_lifecycle)
    """
    version = campaign.version_id
    values |= {
        "definition": campaign.id,
        "version": version.id,
        "step": version._steps()[0].id,
        "company": campaign.company_id.id,
        "user": env.uid,
        "now": now,
    }
    env.cr.execute(ENROL.format(who=who), values)
    return env.cr.rowcount


def statistics(env, campaign):
    """Count what became of the deliveries of a campaign."""
    env.cr.execute(STATISTICS, [campaign.id])
    return env.cr.fetchall()
