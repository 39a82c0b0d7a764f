"""A shop whose customers agreed to e-mails, with a journey that writes to them."""

from odoo import Command
from odoo.tools import SQL

from setup.toolkit import addons

from . import databases, dataset

CUSTOMERS = 125_000
# Customers at or above this score; four in five by ``_fill``.
SEGMENT = SQL("l.engagement_score >= %s", 50)
STEPS = 10_000
ADDON = "test_journey_engine"
BODY = """<p>Dear <t t-out="object.name">you</t>,</p>
<p><a href="https://shop.example.com/milk">Fresh milk</a> is back, and
<a href="https://shop.example.com/yoghurt">yoghurt</a>, too.</p>"""
SUBJECT = "Milk for {{ object.name }}"
# What sending to customers leaves behind.
TABLES = (
    "test_journey_run",
    "journey_delivery",
    "journey_slot",
    "journey_guard",
    "contact_log",
    "mailing_trace",
    "mail_mail",
)
CONSENT = """
    INSERT INTO customer_consent (customer_id, company_id, channel, status, source,
                                  occurred_at)
    SELECT customer_id, company_id, 'email', 'granted', 'staff', now()
      FROM customer_lifecycle
"""
ADDRESSES = """
    UPDATE res_partner SET email = 'customer' || id || '@example.com',
           email_normalized = 'customer' || id || '@example.com'
     WHERE name LIKE 'Customer %'
"""
SCORES = """
    UPDATE customer_lifecycle SET engagement_score = CASE n % 5 WHEN 0 THEN 20 ELSE 60
                                                     END
      FROM (SELECT id AS lid, row_number() OVER (ORDER BY id) AS n
              FROM customer_lifecycle) x
     WHERE id = lid
"""


def ensure(template, customers=CUSTOMERS):
    """Name of the database; made anew when the addons that it measures change."""
    name = f"{template}_journey"
    code = addons.fingerprint(addons.closure(ADDON))[:16]
    contents = f"{customers} customers, journeys {code}"
    databases.ensure(name, template, contents, lambda env: fill(env, customers))
    return name


def fill(env, customers):
    """Install the engine's tests, and customers who may be written to."""
    modules = env["ir.module.module"]
    modules.update_list()
    modules.search([("name", "=", ADDON)]).button_immediate_install()
    env.transaction.reset()
    dataset.generate(env, customers, customers, dataset.moment())
    env["lifecycle.engine"].backfill(dataset.moment())
    for statement in (ADDRESSES, SCORES, CONSENT):
        env.cr.execute(statement)
    env.cr.execute(
        "SELECT count(*) FROM customer_lifecycle WHERE engagement_score > 50"
    )
    assert env.cr.fetchone()[0] == customers * 4 // 5
    env.invalidate_all()
    env.company.email = "shop@example.com"
    _make_journey(env)


def _make_journey(env):
    template = env["mail.template"].create(
        {
            "name": "Bench",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": SUBJECT,
            "body_html": BODY,
            "partner_to": "{{ object.id }}",
        }
    )
    steps = [{"template_id": template.id}, {"template_id": template.id}]
    steps = [{**s, "name": "Milk", "delay_hours": 48 * n} for n, s in enumerate(steps)]
    journey = env["test.journey"].create(
        {
            "name": "Bench",
            "code": "bench",
            "step_ids": [Command.create(step) for step in steps],
        }
    )
    journey.action_start()


def journey(env):
    """The journey of the benchmark."""
    return env["test.journey"].search([("code", "=", "bench")])


def first_customers(number):
    """Condition on alias ``l``: so many customers."""
    return SQL(
        "l.customer_id IN (SELECT customer_id FROM customer_lifecycle"
        " ORDER BY customer_id LIMIT %s)",
        number,
    )


def empty(database, *further):
    """Nobody walks, nothing was ever sent; ``further`` tables are emptied, too."""
    tables = (*TABLES, *further)
    databases.execute(
        database,
        f"TRUNCATE {', '.join(tables)} CASCADE",
        "DELETE FROM mail_message WHERE message_type = 'email_outgoing'",
    )
    databases.settle(database, *tables, "mail_message", "customer_lifecycle")


def process(env, now):
    """Walk everybody who is due, batch by batch, as the scheduled action does."""
    scheduler, walked = env["journey.scheduler"].with_company(env.company), 0
    while done := scheduler._process_batch(now):
        env.cr.commit()
        walked += done
    return walked
