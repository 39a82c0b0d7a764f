"""A shop whose customers left, some of whom were asked back before."""

from setup.toolkit import addons

from . import databases, dataset

ADDON = "winback"
BODY = "<p>Dear <t t-out='object.name'>you</t>, milk is back.</p>"
# Every tenth customer was asked back in vain: long ago, or still in its cooldown.
PAST = """
    INSERT INTO winback_attempt (
        definition_id, campaign_id, company_id, version_id, step_id, customer_id,
        addressee_id, run_state, status, attempt_number, steps_completed, attempts,
        started_at, anchor_at, completed_at, is_holdout)
    SELECT %(campaign)s, %(campaign)s, l.company_id, %(version)s, %(step)s,
           l.customer_id, l.customer_id, 'done', 'exhausted', 1, 3, 0, m.at, m.at,
           m.at + interval '28 days', FALSE
      FROM customer_lifecycle l
      CROSS JOIN LATERAL (
        SELECT %(now)s::timestamp - CASE l.customer_id %% 20 WHEN 0 THEN 60 ELSE 200
                                    END * interval '1 day' AS at) m
     WHERE l.customer_id %% 10 = 0
"""


def ensure(template, customers, orders):
    """Name of the database; made anew when the addons that it measures change.

    :param int customers: how many
    :param int orders: of each, on average
    """
    name = f"{template}_winback"
    code = addons.fingerprint(addons.closure(ADDON))[:16]
    contents = f"{customers} customers, {orders} orders each, win-back {code}"

    def fill(env):
        _fill(env, customers, orders)

    databases.ensure(name, template, contents, fill)
    return name


def _fill(env, customers, orders):
    modules = env["ir.module.module"]
    modules.update_list()
    modules.search([("name", "=", ADDON)]).button_immediate_install()
    env.transaction.reset()
    dataset.generate(env, customers, customers * orders, dataset.moment())
    env["lifecycle.engine"].backfill(dataset.moment())
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
    campaign = env["winback.campaign"].create(
        {
            "name": "Bench",
            "code": "bench",
            "min_previous_spend": 20,
            "email_sequence": [
                {"step": n, "delay_hours": 168 * (n - 1), "template_id": template.id}
                for n in range(1, 4)
            ],
        }
    )
    campaign.action_start()
    env.flush_all()
    env.cr.execute(
        PAST,
        {
            "campaign": campaign.id,
            "version": campaign.version_id.id,
            "step": campaign.version_id._steps()[0].id,
            "now": dataset.moment(),
        },
    )
    env.invalidate_all()


def campaign(env):
    """The campaign of the benchmark."""
    return env["winback.campaign"].search([("code", "=", "bench")])
