"""What the processes of test_campaign_faults.py do, each in a shell of Odoo."""

from datetime import datetime
from unittest.mock import patch

from odoo import fields

from odoo.addons.customer_lifecycle.tests.history import insert_partners

from tests.fault_workers import say

BODY = "<p>Dear <t t-out='object.name'/></p>"


def prepare(env, customers, failures):
    """A rescue campaign, and a storm of failed payments that waits to be heard."""
    ids = insert_partners(env, [f"Customer {number}" for number in range(customers)])
    people = env["res.partner"].browse(ids)
    now = datetime.now().replace(microsecond=0)
    env["customer.lifecycle"].sudo()._ensure(people, env.company, now)
    template = env["mail.template"].create(
        {
            "name": "Storm",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Milk",
            "body_html": BODY,
        }
    )
    campaign = env["engagement.campaign"].create(
        {
            "name": "Storm",
            "code": "storm",
            "trigger_config": {"trigger_type": "event", "event_type": "payment_failed"},
            "email_sequence": [{"delay_hours": 1, "template_id": template.id}],
        }
    )
    campaign.action_start()
    env.cr.commit()
    env["lifecycle.event.retry"]._cron_dispatch()
    for number in range(failures // customers):
        env["lifecycle.event"]._record(
            [
                {
                    "customer_id": customer,
                    "company_id": env.company.id,
                    "event_type": "payment_failed",
                    "event_key": f"payment_failed:{customer}:{number}",
                    "occurred_at": fields.Datetime.now(),
                }
                for customer in ids
            ]
        )
    env.cr.commit()
    say(ids[-1] - ids[0] + 1)


def hear(env):
    """Hand out all events, telling of each batch."""
    retries = env["lifecycle.event.retry"]
    hand_out = type(retries)._hand_out

    def tell(self, size):
        done = hand_out(self, size)
        say(done)
        return done

    with patch.object(type(retries), "_hand_out", tell):
        while retries._count_pending():
            retries._cron_dispatch()
    say("over")
