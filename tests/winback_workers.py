"""What the processes of test_winback_faults.py do, each in a shell of Odoo."""

import time
from datetime import datetime, timedelta

from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners

from tests.fault_workers import say

BODY = "<p>Dear <t t-out='object.name'/></p>"


def prepare(env, customers, limit):
    """Lapsed customers whom two campaigns want; the first has a daily limit."""
    now = datetime.now().replace(microsecond=0)
    ids = insert_partners(env, [f"Customer {number}" for number in range(customers)])
    day = now - timedelta(days=60)
    insert_orders(env, [(p, day, 10 + n) for n, p in enumerate(ids)])
    env["lifecycle.engine"].backfill(now)
    template = env["mail.template"].create(
        {
            "name": "Back",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Milk",
            "body_html": BODY,
        }
    )
    for code, priority, most in (("one", 30, limit), ("two", 20, 0)):
        env["winback.campaign"].create(
            {
                "name": code,
                "code": f"race_{code}",
                "priority": priority,
                "daily_limit": most,
                "holdout_percent": 0,
                "email_sequence": [{"delay_hours": 0, "template_id": template.id}],
            }
        ).action_start()
    env.cr.commit()
    say(len(ids))


def race(env, rounds, *codes):
    """Start attempts again and again, as the engine's job does."""
    say("ready")
    engine = env["lifecycle.engine"]
    for _round in range(rounds):
        for code in codes:
            campaign = _campaign(env, code)
            now = datetime.now().replace(microsecond=0)
            engine._insist(lambda c=campaign, at=now: c._start(at, 50))
            env.cr.commit()
    say("over")


def start_and_wait(env, code):
    """Start attempts and never get to commit."""
    started = _campaign(env, code)._start(datetime.now().replace(microsecond=0))
    say(len(started))
    # Not in the database: a backend that works does not notice that nobody listens.
    time.sleep(600)


def _campaign(env, code):
    return env["winback.campaign"].search([("code", "=", f"race_{code}")])
