"""What the processes of test_faults.py and its likes do, each in a shell of Odoo.

Every function gets ``env`` of a process of its own, which may be killed at any moment.
"""

import json
import random
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners

BASE = datetime(2040, 6, 15, 12)


def say(value):
    """Tell the test; one line of JSON."""
    print("\n@" + json.dumps(value), flush=True)


def fill(env, customers, days=0):
    """Customers with a year of orders, some dated on the ``days`` to come."""
    dice = random.Random(7)
    ids = insert_partners(env, [f"Customer {number}" for number in range(customers)])
    rows = [
        (partner, BASE - timedelta(days=dice.randint(first, 360)), 10)
        for partner in ids
        for first in (0, *[-days] * dice.randint(0, 5))
    ]
    insert_orders(env, rows)
    with freeze_time(BASE):
        env["lifecycle.engine"].backfill(BASE)
    env["lifecycle.policy"].search([]).write(
        {"evaluation_pending": False, "escalation_days": 0}
    )
    env.cr.commit()


def enrol(env, code, customers, shards):
    """Customers on a journey of two e-mails, both of which are due at once."""
    ids = insert_partners(env, [f"Customer {number}" for number in range(customers)])
    people = env["res.partner"].browse(ids)
    for person in people:
        person.email = f"customer{person.id}@example.com"
    now = datetime.now().replace(microsecond=0)
    env["customer.lifecycle"].sudo()._ensure(people, env.company, now)
    template = env["mail.template"].create(
        {
            "name": "Milk",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Milk for {{ object.name }}",
            "body_html": '<p>Dear <t t-out="object.name">you</t></p>',
        }
    )
    env.company.email = "shop@example.com"
    journey = env["test.journey"].create(
        {
            "name": code,
            "code": code,
            "category": "transactional",
            "step_ids": [(0, 0, {"template_id": template.id}) for _n in range(2)],
        }
    )
    journey.action_start()
    env["journey.scheduler"]._set_shards(shards)
    runs = journey._enrol(SQL("l.customer_id = ANY(%s)", ids), now)
    env.cr.commit()
    say(len(runs))


def wake(env, shards):
    """What the scheduled actions of the shards do every minute."""
    for shard in range(shards):
        env["journey.scheduler"]._cron_process_due(shard)
        env.cr.commit()
    say(["done"])


def evaluate(env, days, batch_size=10):
    """Run the job as on each of these days after ``BASE``."""
    for day in days:
        say(["day", day])
        with freeze_time(BASE + timedelta(days=day)):
            env["lifecycle.engine"]._cron_evaluate(batch_size)
    say(["done"])


def quotations(env, number):
    """Orders to be confirmed while others work."""
    partners = env["res.partner"].search([("name", "like", "Customer %")])
    product = env["product.product"].create({"name": "Milk", "type": "service"})
    line = {"product_id": product.id, "price_unit": 5}
    orders = env["sale.order"].create(
        [
            {"partner_id": partner.id, "order_line": [(0, 0, line)]}
            for partner in partners[:number]
        ]
    )
    env.cr.commit()
    say(orders.ids)


def confirm(env, ids):
    """Confirm orders one by one, each in its transaction; tell the seconds."""
    seconds = []
    for order in env["sale.order"].browse(ids):
        start = time.monotonic()
        order.action_confirm()
        env.cr.commit()
        seconds.append(time.monotonic() - start)
    say(seconds)


@contextmanager
def witness(env):
    """A consumer that notes in a table which events it was given."""
    events = env.registry["lifecycle.event"]
    known = events._event_consumers

    def consume(self):
        self.env.cr.execute(
            "INSERT INTO fault_witness SELECT unnest(%s::int[])", [self.ids]
        )
        time.sleep(0.01)

    with (
        patch.object(events, "_consume_witness", consume, create=True),
        patch.object(
            events,
            "_event_consumers",
            lambda self: known(self) | {"witness": "_consume_witness"},
        ),
    ):
        yield


def dispatch(env, batch_size=5):
    """Hand out what is pending, with a witness listening."""
    with witness(env):
        env["lifecycle.event.retry"]._cron_dispatch(batch_size)
    say(["done"])


def collide(env, model, name, table, day, times=5):
    """Run a job while somebody else changes its rows behind its snapshot.

    :param name: method of ``model`` whose first calls are disturbed
    """
    original, left = getattr(env.registry[model], name), [times]

    def disturbed(self, *args):
        if left[0]:
            left[0] -= 1
            self.env.cr.execute("SELECT 1 FROM res_partner LIMIT 1")
            with self.env.registry.cursor() as other:
                other.execute(f"UPDATE {table} SET id = id")
        return original(self, *args)

    with patch.object(env.registry[model], name, disturbed):
        if model == "lifecycle.engine":
            evaluate(env, [day], 500)
        else:
            dispatch(env, 50)
    assert not left[0], "nothing collided"


def check(env, day):
    """Tell what the integrity check finds as of that day, and what is left to do."""
    with freeze_time(BASE + timedelta(days=day)):
        engine = env["lifecycle.engine"]
        say([engine.check_integrity(), engine._count_due(BASE + timedelta(days=day))])


def missing_table_objects(env):
    """Tell which constraints and indexes of our models are not in the database."""
    env.cr.execute(
        "SELECT indexname FROM pg_indexes UNION SELECT conname FROM pg_constraint"
    )
    known = {name for [name] in env.cr.fetchall()}
    wanted = [
        name
        for model in env.registry.values()
        if not model._abstract
        for name, item in model._table_objects.items()
        if item._module.startswith("customer_lifecycle")
    ]
    say([len(wanted), sorted(set(wanted) - known)])


def counts(env):
    """Tell how much there is of what must not be lost or doubled."""
    say(
        {
            name: env[name].search_count([]) if name in env else None
            for name in (
                "sale.order",
                "res.partner",
                "customer.lifecycle",
                "lifecycle.event",
                "lifecycle.policy",
                "mail.mail",
                "mail.activity",
            )
        }
    )


def leftovers(env):
    """Tell what of the addons is still in the database."""
    found = {}
    for kind, query in {
        "tables": "SELECT tablename FROM pg_tables WHERE tablename ~ 'lifecycle'",
        "columns": "SELECT table_name || '.' || column_name"
        " FROM information_schema.columns WHERE column_name ~ 'lifecycle'",
        "crons": "SELECT cron_name FROM ir_cron WHERE cron_name ~ 'Lifecycle'",
        "functions": "SELECT proname FROM pg_proc WHERE proname ~ 'lifecycle'",
        "models": "SELECT model FROM ir_model WHERE model ~ 'lifecycle'",
        "xml ids": "SELECT name FROM ir_model_data"
        " WHERE module ~ '^customer_lifecycle'",
        "rules": "SELECT name FROM ir_rule r WHERE NOT EXISTS"
        " (SELECT FROM ir_model m WHERE m.id = r.model_id)",
    }.items():
        env.cr.execute(query)
        found[kind] = [row[0] for row in env.cr.fetchall()]
    say(found)


def record_again(env):
    """Record an event that was marked as seen since this transaction began, as at a
    sign-up: Odoo commits in the midst of it, and could not try it again.
    """
    [customer] = insert_partners(env, ["Customer"])
    values = {
        "customer_id": customer,
        "company_id": env.company.id,
        "event_type": "app_login",
        "event_key": f"app_login:{customer}",
        "occurred_at": BASE,
    }
    events = env["lifecycle.event"]
    events._record([values])
    env.cr.commit()
    env.cr.execute("SELECT 1")  # from here on, this is what the transaction sees
    with env.registry.cursor() as other:
        other.execute(
            "UPDATE lifecycle_event SET is_pending = FALSE WHERE event_key = %s",
            [values["event_key"]],
        )
    events._record([values])
    env.cr.commit()
    found = events.search([("event_key", "=", values["event_key"])])
    say(found.mapped("is_pending"))
