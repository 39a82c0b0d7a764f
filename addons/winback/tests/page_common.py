from datetime import timedelta

from odoo import Command

from odoo.addons.journey_engine.tests.page_common import JourneyPageCase


class WinbackPageCase(JourneyPageCase):
    """A shop with a marketer, a manager, and customers who have left."""

    shipped = "winback.campaign"

    @classmethod
    def _create_people(cls, count=60):
        """Customers whose last order lies 82 to 200 days back."""
        people = cls._create_contacts(count)
        product = cls.env["product.product"].create(
            {"name": "Milk", "type": "service", "list_price": 12, "taxes_id": False}
        )
        for number, person in enumerate(people):
            cls._order(person, product, 200 + number % 9 + 2 * number, 2 + number % 7)
            cls._order(person, product, 200 - 2 * number, 1 + number % 5)
        cls.env["customer.consent"].with_company(cls.company)._record(
            people[: count * 4 // 5], "email", "granted", source="staff"
        )
        cls._settle()
        return people

    @classmethod
    def _order(cls, person, product, ago, quantity):
        moment = cls.now - timedelta(days=max(ago, 0))
        line = {"product_id": product.id, "product_uom_qty": quantity}
        order = cls.env["sale.order"].create(
            {
                "partner_id": person.id,
                "company_id": cls.company.id,
                "order_line": [Command.create(line)],
            }
        )
        order.action_confirm()
        order.date_order = moment
        cls.product = product
        return order

    @classmethod
    def _settle(cls):
        cls.env.flush_all()
        events = cls.env["lifecycle.event"]
        for _round in range(2):
            pending = events.search([("is_pending", "=", True)], order="id")
            cls.env["lifecycle.event.retry"]._dispatch(pending)
            while cls.env["lifecycle.engine"]._evaluate_due(cls.now, 10_000):
                pass

    @classmethod
    def _create_campaign(cls, **values):
        return cls.env["winback.campaign"].create(
            {
                "name": "Come back to us",
                "code": "tour_winback",
                "company_id": cls.company.id,
                "offer_type": "discount_percent",
                "offer_value": 15,
                "holdout_percent": 20,
                **values,
            }
        )

    @classmethod
    def _tell(cls, campaign):
        """Attempts that began over the last weeks, and what came of them."""
        campaign.action_start()
        scheduler = cls.env["journey.scheduler"]
        for ago in range(80, -1, -4):
            moment = cls.now - timedelta(days=ago)
            if ago in (80, 52, 20):
                cls.env.flush_all()
                campaign._start(moment, 14)
            scheduler.process_due(moment)
        attempts = campaign.attempt_ids
        cls._respond(attempts.filtered(lambda a: a.run_state == "running"))

    @classmethod
    def _respond(cls, attempts):
        """Some read, some order."""
        for number, delivery in enumerate(
            attempts.delivery_ids.filtered(lambda d: d.state == "queued")
        ):
            values = {"state": "sent", "sent_at": delivery.decided_at}
            if number % 3:
                opened = delivery.decided_at + timedelta(hours=2)
                values |= {"state": "opened", "opened_at": opened}
            delivery.write(values)
        for number, attempt in enumerate(attempts[::3]):
            cls._order(attempt.customer_id, cls.product, 0, 3 + number)
        cls._settle()
