"""What the processes of test_onboarding_faults.py do, each in a shell of Odoo."""

from datetime import datetime, timedelta

from odoo.service.model import retrying

from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners

from tests.fault_workers import say

# So many customers at a time: then two who work meet again and again.
CHUNK = 10


def prepare(env, code, customers):
    """Customers who have ordered twice and whom nobody has told their journey."""
    env.company.write(
        {"email": "shop@example.com", "quiet_hours_start": 0, "quiet_hours_end": 0}
    )
    env["contact.frequency.cap"].search([]).unlink()
    journey = _journey(env, code)
    ids = insert_partners(env, [f"{code} {number}" for number in range(customers)])
    people = env["res.partner"].browse(ids)
    for person in people:
        person.email = f"{code}{person.id}@example.com"
    now = datetime.now().replace(microsecond=0)
    env["customer.lifecycle"].sudo()._ensure(people, env.company, now)
    for person in people:
        env["onboarding.service"].start_onboarding(person.id, code)
    moment = now - timedelta(minutes=1)
    insert_orders(env, [(i, moment, 10) for i in ids for _each in range(2)])
    env["lifecycle.event"]._record([_heard(env, i, now) for i in ids])
    env.cr.commit()
    say(len(journey.onboarding_ids))


def _journey(env, code):
    template = env.ref("onboarding_journey.mail_template_step").id
    journey = env["onboarding.journey"].create(
        {
            "name": code,
            "code": code,
            "exclusive_group": code,
            "completion_template_id": template,
            "steps": [
                {"id": "hello", "type": "email", "template_id": template},
                {"id": "tick", "type": "task"},
                {"id": "first", "type": "milestone", "target": "order_count >= 1"},
                {"id": "second", "type": "milestone", "target": "order_count >= 2"},
            ],
        }
    )
    journey.action_start()
    return journey


def _heard(env, customer, now):
    return {
        "customer_id": customer,
        "company_id": env.company.id,
        "event_type": "profile_changed",
        "event_key": f"profile_changed:{customer}:test",
        "occurred_at": now,
    }


def live(env, code):
    """All that moves a journey: customers, events, and the scheduler, until the end."""
    runs = env["customer.onboarding"].search([("journey_id.code", "=", code)])
    ids = runs.sorted("id").ids
    env.cr.commit()
    for place in range(0, len(ids), CHUNK):
        for number in ids[place : place + CHUNK]:
            run = env["customer.onboarding"].browse(number)
            retrying(lambda run=run: run.complete_step("tick"), env)
            env.cr.commit()
        env["lifecycle.event.retry"]._cron_dispatch(CHUNK)
        env["journey.scheduler"]._process_shard(0, 1)
        say(place)
    env["lifecycle.event.retry"]._cron_dispatch()
    env["journey.scheduler"]._process_shard(0, 1)
    say("over")
