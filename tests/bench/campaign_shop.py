"""A shop of 200,000 customers with campaigns."""

from setup.toolkit import addons

from . import databases, dataset

CUSTOMERS = 200_000
ADDON = "engagement_campaign"
DELIVERIES = 1_000_000
BODY = "<p>Dear <t t-out='object.name'>you</t>, milk is back.</p>"
SCORES = """
    UPDATE customer_lifecycle SET engagement_score = CASE n % 2 WHEN 0 THEN 20 ELSE 60
                                                     END
      FROM (SELECT id AS lid, row_number() OVER (ORDER BY id) AS n
              FROM customer_lifecycle) x
     WHERE id = lid
"""
RUNS = """
    INSERT INTO campaign_enrollment (
        definition_id, campaign_id, company_id, version_id, step_id, customer_id,
        addressee_id, run_state, status, steps_completed, attempts, started_at,
        anchor_at, completed_at, is_holdout, converted_at, conversion_value)
    SELECT %(campaign)s, %(campaign)s, l.company_id, %(version)s, %(step)s,
           l.customer_id, l.customer_id, 'done',
           CASE WHEN l.id %% 20 = 0 THEN 'converted' ELSE 'completed' END, 5, 0,
           %(now)s, %(now)s, %(now)s, l.id %% 10 = 0,
           CASE WHEN l.id %% 20 = 0 THEN %(now)s::timestamp + interval '4 days' END,
           CASE WHEN l.id %% 20 = 0 THEN 10 END
      FROM customer_lifecycle l ORDER BY l.customer_id
"""
LOG = """
    INSERT INTO journey_delivery (
        run_model, run_id, step_id, step_code, definition_model, definition_id,
        company_id, customer_id, addressee_id, channel, category, state, reason,
        times_held, scheduled_at, decided_at, sent_at, opened_at, clicked_at)
    SELECT 'campaign.enrollment', r.id, r.step_id, 'step_' || s, 'engagement.campaign',
           r.definition_id, r.company_id, r.customer_id, r.customer_id, 'email',
           'marketing', x.state,
           CASE WHEN x.state = 'skipped' THEN 'no_consent' END, 0, x.at, x.at, x.at,
           CASE WHEN x.state IN ('opened', 'clicked') THEN x.at END,
           CASE WHEN x.state = 'clicked' THEN x.at END
      FROM campaign_enrollment r CROSS JOIN generate_series(1, 5) s
      CROSS JOIN LATERAL (
        SELECT (ARRAY['sent', 'sent', 'opened', 'clicked', 'skipped'])
                   [1 + (r.id + s) %% 5] AS state,
               r.started_at + s * interval '1 day' AS at) x
     WHERE r.definition_id = %(campaign)s
"""


def ensure(template):
    """Name of the database; made anew when the addons that it measures change."""
    name = f"{template}_campaign"
    code = addons.fingerprint(addons.closure(ADDON))[:16]
    contents = f"{CUSTOMERS} customers, campaigns {code}"
    databases.ensure(name, template, contents, _fill)
    return name


def _fill(env):
    modules = env["ir.module.module"]
    modules.update_list()
    modules.search([("name", "=", ADDON)]).button_immediate_install()
    env.transaction.reset()
    dataset.generate(env, CUSTOMERS, CUSTOMERS, dataset.moment())
    env["lifecycle.engine"].backfill(dataset.moment())
    env.cr.execute(SCORES)
    env.invalidate_all()
    env.company.email = "shop@example.com"
    template = env["mail.template"].create(
        {
            "name": "Bench",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Milk",
            "body_html": BODY,
        }
    )
    stage = {"trigger_type": "stage_entry", "stage": "at_risk"}
    _campaign(env, "stage", stage, template)
    half = {"trigger_type": "segment"}
    target = [["engagement_score", ">=", 50]]
    _campaign(env, "segment", half, template, target_conditions=target)
    _history(env, _campaign(env, "statistics", half, template))


def _campaign(env, code, config, template, **values):
    campaign = env["engagement.campaign"].create(
        {
            "name": code,
            "code": f"bench_{code}",
            "trigger_config": config,
            "email_sequence": [
                {"step": n, "delay_hours": 24 * n, "template_id": template.id}
                for n in range(1, 6)
            ],
            **values,
        }
    )
    campaign.action_start()
    return campaign


def _history(env, campaign):
    """A campaign that everybody walked, with a million deliveries."""
    env.flush_all()
    values = {
        "campaign": campaign.id,
        "version": campaign.version_id.id,
        "step": campaign.version_id._steps()[0].id,
        "now": dataset.moment(),
    }
    env.cr.execute(RUNS, values)
    env.cr.execute(LOG, values)
    assert env.cr.rowcount == DELIVERIES, env.cr.rowcount


def campaign(env, code):
    """One of the campaigns of the benchmark."""
    return env["engagement.campaign"].search([("code", "=", f"bench_{code}")])
