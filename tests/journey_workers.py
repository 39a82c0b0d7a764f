"""What the processes of test_journey_faults.py do, each in a shell of Odoo."""

import time
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners

from tests.fault_workers import say

BASE = datetime(2040, 6, 13, 12)
# Enough to wait for a rival; whoever needs more never comes to an end.
MOST_ROUNDS = 3000
BODY = """<p>Dear <t t-out="object.name"/>,
<a href="https://shop.example.com/milk">milk</a></p>"""


def prepare(env, customers):
    """Two journeys that everybody walks, and a cap of one message a day."""
    company = env.company
    company.write(
        {
            "email": "shop@example.com",
            "email_consent_default": "opt_out",
            # Nobody's message may expire: then all stand alike in the end, whoever
            # came first where two share an address.
            "contact_hold_hours": 720,
        }
    )
    caps = env["contact.frequency.cap"]
    caps.search([("company_id", "=", company.id)]).unlink()
    caps.create({"company_id": company.id, "max_messages": 1, "period_days": 1})
    people = _insert_customers(env, customers)
    env["customer.lifecycle"].sudo()._ensure(people, company, BASE)
    env.flush_all()
    for number, steps in enumerate((_mails(env), _mixture(env))):
        journey = _journey(env, number, steps)
        assert len(journey._enrol(SQL("l.customer_id = ANY(%s)", people.ids), BASE))
    insert_orders(env, [(i, BASE + timedelta(hours=30), 10) for i in people.ids[3::50]])
    people[5::50].active = False
    env.cr.commit()
    say(env["test.journey.run"].search_count([]))


def _insert_customers(env, customers):
    """Every tenth shares the address of the one before, every 50th has none."""
    ids = insert_partners(env, [f"Customer {number}" for number in range(customers)])
    env.cr.execute(
        """
        UPDATE res_partner p SET email = a.email, email_normalized = a.email
          FROM unnest(%s, %s) a (id, email) WHERE p.id = a.id
        """,
        [ids, [_address(number) for number in range(customers)]],
    )
    env.invalidate_all()
    return env["res.partner"].browse(ids)


def _address(number):
    if number % 50 == 7:
        return None
    return f"c{number - 1 if number % 10 == 1 else number}@example.com"


def _step(sequence, **values):
    return (0, 0, {"sequence": sequence, "name": f"Step {sequence}", **values})


def _template(env):
    return env["mail.template"].create(
        {
            "name": "Milk",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Milk for {{ object.name }}",
            "body_html": BODY,
        }
    )


def _mails(env):
    template = _template(env).id
    return [
        _step(1, template_id=template),
        _step(2, kind="wait", delay_hours=24),
        _step(3, delay_hours=24, template_id=template),
    ]


def _mixture(env):
    template = _template(env).id
    return [
        _step(1, template_id=template),
        # Nobody agreed to SMS.
        _step(2, channel="sms", delay_hours=12, body="Milk"),
        _step(3, template_id=template, condition="[('total_orders', '>', 99)]"),
        _step(4, delay_hours=48, template_id=template),
    ]


def _journey(env, number, steps):
    journey = env["test.journey"].create(
        {
            "name": f"Journey {number}",
            "code": f"fault_{number}",
            "priority": 20 - number,
            "step_ids": steps,
        }
    )
    journey.action_start()
    return journey


def walk(env, shard, shards, days, size=100):
    """Do what the scheduled action does, as on each of these days, until all is done.

    :param int size: runs in a batch, fewer than usual so that more can go wrong
    """
    scheduler = env["journey.scheduler"]
    model = env.registry["journey.scheduler"]
    batch = model._process_batch

    def small(self, now, limit=None, shard=None):
        return batch(self, now, size, shard)

    with patch.object(model, "_process_batch", small):
        for day in days:
            say(["day", day])
            moment = BASE + timedelta(days=day)
            rounds = 0
            while left(env, moment, shard, shards):
                assert rounds < MOST_ROUNDS, f"day {day} has no end"
                rounds += 1
                with freeze_time(moment):
                    scheduler._process_shard(shard, shards)
                time.sleep(0.02)
    say(["done"])


def left(env, moment, shard, shards):
    """Return whether something is due in a shard; what others do is theirs."""
    env.cr.rollback()
    env.cr.execute(
        "SELECT count(*) FROM test_journey_run WHERE run_state = 'running'"
        " AND next_step_at <= %s AND mod(customer_id, %s) = %s",
        [moment, shards, shard],
    )
    return env.cr.fetchone()[0]


def collide(env, day, times=5):
    """Walk while somebody else changes the runs behind the batch's snapshot."""
    model, seen = env.registry["journey.scheduler"], [times]
    original = model._take

    def disturbed(self, *args):
        self.env.cr.execute("SELECT 1 FROM res_partner LIMIT 1")
        if seen[0]:
            seen[0] -= 1
            with self.env.registry.cursor() as other:
                other.execute("UPDATE test_journey_run SET id = id")
        return original(self, *args)

    with patch.object(model, "_take", disturbed):
        walk(env, 0, 1, [day])
    assert not seen[0], "nothing collided"
