from datetime import timedelta

from odoo import Command
from odoo.tools import SQL

from odoo.addons.journey_engine.tests.page_common import JourneyPageCase

BODY = """<div style="padding: 16px; font-family: sans-serif">
<h2>Dear <t t-out="object.name">you</t>,</h2>
<p>the cows ask after you. Fresh milk, yoghurt and butter are waiting.</p>
<p t-if="offer_code">Your code: <b t-out="offer_code"/></p>
<p><a href="https://shop.example.com/milk"
style="padding: 8px 16px; background: #149c7e; color: white">To the shop</a></p>
</div>"""


class CampaignPageCase(JourneyPageCase):
    """A shop with a marketer, a manager, and a campaign that was walked."""

    shipped = "engagement.campaign"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Tour: we miss you",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "We miss you, {{ object.name }}",
                "body_html": BODY,
            }
        )
        cls.offer = cls.env["journey.offer"].create(
            {
                "name": "Tour: 10 % off",
                "offer_type": "discount_percent",
                "value": 10,
                "company_id": cls.company.id,
            }
        )

    # ----------------------------------------------------------------- a past
    @classmethod
    def _create_people(cls, count=48):
        people = cls._create_contacts(count)
        cls.env["customer.lifecycle"].sudo()._ensure(people, cls.company, cls.now)
        cls.env["customer.consent"].with_company(cls.company)._record(
            people[: count * 3 // 4], "email", "granted", source="staff"
        )
        return people

    @classmethod
    def _steps(cls):
        """A mail, a wait, a mail with an offer, and a call."""
        mail = {"template_id": cls.template.id}
        return [
            {"name": "We miss you", "code": "hello", **mail},
            {
                "name": "Waiting for a visit",
                "code": "wait",
                "kind": "wait",
                "delay_hours": 24,
                "wait_until": "clicked",
                "wait_timeout_hours": 1,
            },
            {
                "name": "Ten per cent",
                "code": "offer",
                "delay_hours": 72,
                "includes_offer": True,
                **mail,
            },
            {
                "name": "A call",
                "code": "call",
                "delay_hours": 24 * 9 + 2,
                "channel": "activity",
                "title": "Call {{ object.name }}",
                "body": "Has not ordered for three weeks.",
            },
        ]

    @classmethod
    def _create_campaign(cls, **values):
        schedule = {"kind": "after_last_order", "days": 14}
        steps = [
            Command.create({"sequence": place, **step})
            for place, step in enumerate(cls._steps())
        ]
        return cls.env["engagement.campaign"].create(
            {
                "name": "We miss you",
                "code": "tour_missed",
                "campaign_type": "re_engagement",
                "company_id": cls.company.id,
                "trigger_config": {"trigger_type": "schedule", "schedule": schedule},
                "offer_id": cls.offer.id,
                "holdout_percent": 20,
                "step_ids": steps,
                **values,
            }
        )

    @classmethod
    def _walk(cls, campaign, people, days=12):
        """Let some customers in on each of the last days, and walk them."""
        campaign.action_start()
        scheduler = cls.env["journey.scheduler"]
        share = len(people) // days
        for ago in range(days, -1, -1):
            moment = cls.now - timedelta(days=ago)
            mine = people[(days - ago) * share : (days - ago + 1) * share]
            if mine:
                cls.env.flush_all()
                scope = SQL("l.customer_id = ANY(%s)", mine.ids)
                campaign._enrol(scope, moment - timedelta(minutes=1))
            scheduler.process_due(moment)
        cls._respond(campaign)

    @classmethod
    def _respond(cls, campaign):
        """Some read, some click, some order."""
        deliveries = cls.env["journey.delivery"].search(
            [("definition_id", "=", campaign.id), ("state", "=", "queued")], order="id"
        )
        for number, delivery in enumerate(deliveries):
            sent = delivery.decided_at
            delivery.write({"state": "sent", "sent_at": sent})
            if number % 3:
                delivery.write(
                    {"state": "opened", "opened_at": sent + timedelta(hours=2)}
                )
            if number % 5 == 1:
                delivery.write(
                    {"state": "clicked", "clicked_at": sent + timedelta(hours=3)}
                )
        clicked = deliveries.filtered("clicked_at").customer_id
        product = cls.env["product.product"].create(
            {"name": "Milk", "type": "service", "list_price": 12}
        )
        for number, customer in enumerate(clicked):
            line = {"product_id": product.id, "product_uom_qty": 3 + number}
            order = cls.env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "order_line": [Command.create(line)],
                }
            )
            order.action_confirm()
        cls.env.flush_all()
        pending = cls.env["lifecycle.event"].search([("is_pending", "=", True)])
        cls.env["lifecycle.event.retry"]._dispatch(pending)
