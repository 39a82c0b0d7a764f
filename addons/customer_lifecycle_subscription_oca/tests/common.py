from odoo import Command, fields

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class SubscriptionCommon(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)  # the accountant of the base class sells nothing
        cls.events = cls.env["lifecycle.event"]
        cls.former = cls.events.search([], order="id desc", limit=1).id or 0
        cls.engine = cls.env["lifecycle.engine"]
        cls.company = cls.env.company
        cls.customer = cls._create_customer()
        cls.milk = cls.env["product.product"].create(
            {
                "name": "Milk",
                "type": "service",
                "list_price": 30.0,
                "taxes_id": False,
                "property_account_income_id": cls.company_data[
                    "default_account_revenue"
                ].id,
            }
        )
        cls.pricelist = cls._create_pricelist(cls.company.currency_id)
        cls.monthly = cls._create_template()
        cls.closed = cls.env["sale.subscription.stage"].search([("type", "=", "post")])

    # ------------------------------------------------------------------- factories
    @classmethod
    def _create_customer(cls, **values):
        return cls.env["res.partner"].create({"name": "Customer", **values})

    @classmethod
    def _create_pricelist(cls, currency):
        return cls.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id}
        )

    @classmethod
    def _create_template(cls, kind="months", interval=1, **values):
        return cls.env["sale.subscription.template"].create(
            {
                "name": kind,
                "recurring_rule_type": kind,
                "recurring_interval": interval,
                "invoicing_mode": "draft",
                **values,
            }
        )

    @classmethod
    def _create_subscription(cls, price=30.0, **values):
        """A draft subscription of ``price`` per period."""
        today = fields.Date.today()
        return cls.env["sale.subscription"].create(
            {
                "partner_id": cls.customer.id,
                "template_id": cls.monthly.id,
                "pricelist_id": cls.pricelist.id,
                "date_start": today,
                "recurring_next_date": today,
                "sale_subscription_line_ids": [
                    Command.create({"product_id": cls.milk.id, "price_unit": price})
                ],
                **values,
            }
        )

    @classmethod
    def _start(cls, price=30.0, **values):
        subscription = cls._create_subscription(price, **values)
        return cls._then(subscription, "action_start_subscription")

    @classmethod
    def _then(cls, subscription, *moves):
        """Make ``moves`` one after the other, each in a transaction of its own."""
        for move in moves:
            getattr(subscription, move)()
            cls.env.flush_all()
        return subscription

    @classmethod
    def _invoice(cls, subscription, post=True):
        """Let the subscription make its next invoice."""
        subscription.manual_invoice()
        invoice = subscription.invoice_ids.sorted("id")[-1]
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def _create_order(cls, partner=None, at=None, **values):
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [Command.create({"product_id": cls.milk.id})],
                **values,
            }
        )
        order.action_confirm()
        if at:
            order.date_order = at
        return order

    # --------------------------------------------------------------------- looking
    @classmethod
    def _types(cls, customer=None, company=None):
        """Types of a customer's subscription events, in the order of recording."""
        cls.env.flush_all()
        domain = [
            ("customer_id", "=", (customer or cls.customer).id),
            ("company_id", "=", (company or cls.company).id),
        ]
        types = cls.events.search(domain, order="id").mapped("event_type")
        return [
            t.removeprefix("subscription_")
            for t in types
            if t == "trial_ending" or t.startswith("subscription_")
        ]

    @classmethod
    def _new_events(cls, event_type):
        """Events of this test, whatever else the database holds."""
        cls.env.flush_all()
        domain = [("event_type", "=", event_type), ("id", ">", cls.former)]
        return cls.events.search(domain, order="id")

    @classmethod
    def _told(cls, customer=None):
        """What marketers read: without the mere changes."""
        return [t for t in cls._types(customer) if t != "changed"]

    @classmethod
    def _dispatch(cls):
        cls.env.flush_all()
        while pending := cls.events.search([("is_pending", "=", True)], order="id"):
            cls.env["lifecycle.event.retry"]._dispatch(pending)
            retries = cls.env["lifecycle.event.retry"].search([])
            assert not retries, retries.mapped("error")

    @classmethod
    def _settle(cls):
        """Do what the crons do: hand out the events, evaluate who was touched."""
        cls._dispatch()
        cls.engine._evaluate_due(fields.Datetime.now(), 1000)
        cls._dispatch()
        # A transaction has one event per changed subscription, and this test is one.
        cls.env.cr.execute(
            "DELETE FROM lifecycle_event WHERE event_type LIKE '%_changed'"
        )
        cls.env.invalidate_all()

    @classmethod
    def _row(cls, customer=None, company=None):
        return cls.env["customer.lifecycle"].search(
            [
                ("customer_id", "=", (customer or cls.customer).id),
                ("company_id", "=", (company or cls.company).id),
            ]
        )

    @classmethod
    def _forget(cls):
        """Take the database back to before the addon was installed."""
        cls.env.flush_all()
        cls.env.cr.execute("DELETE FROM lifecycle_event")
        cls.env.cr.execute("DELETE FROM customer_lifecycle")
        cls.env.invalidate_all()
