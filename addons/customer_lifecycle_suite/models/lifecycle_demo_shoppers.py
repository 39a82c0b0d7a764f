from datetime import timedelta

from odoo import Command, api, models

from odoo.addons.customer_lifecycle.wizard.lifecycle_import_customer import SILENT

from ..tools.demo_plan import customers

# Shelf, product.
GOODS = (
    ("Milk", "Fresh milk, a crate"),
    ("Milk", "Buttermilk"),
    ("Yoghurt", "Sweet yoghurt"),
    ("Cheese", "Paneer"),
    ("Butter and ghee", "Ghee"),
)
# What is generated says so on the order.
GENERATED = "Demo: generated"
# It happens today, so it is news.
NEWS = {k: v for k, v in SILENT.items() if k != "customer_lifecycle_history"}
# In a hundred days, so many cards fail.
FAILURES = 65


class LifecycleDemoShoppers(models.AbstractModel):
    """Who signs up, subscribes and orders on a day."""

    _inherit = "lifecycle.demo"

    @api.model
    def _shop(self, day, purchases):
        result = super()._shop(day, purchases)
        self._sign_up(day)
        self._subscribe(day, day)
        self._order_all(purchases)
        self._let_a_payment_fail(day)
        return result

    @api.model
    def _sign_up(self, day):
        """Create the customers who sign up on a day, each with what they agreed to."""
        ago = (self._today() - day).days
        numbers = [n for n, c in enumerate(customers()) if c.signed_up == ago]
        if not numbers:
            return
        category = self._generated_category()
        partners = self.env["res.partner"].with_context(**NEWS, no_reset_password=True)
        partners = partners.create(
            [
                {**self._partner_values(number, category), "customer_rank": 1}
                for number in numbers
            ]
        )
        self._welcome(partners)
        self._agree()

    @api.model
    def _welcome(self, partners):
        """Let onboarding begin: these customers have no login that would."""
        service = self.env["onboarding.service"]
        for partner in partners:
            service.start_onboarding(partner.id)

    # ----------------------------------------------------------------------- orders
    @api.model
    def _order_all(self, purchases):
        """Confirm an order for each purchase: (reference of the customer, amount)."""
        refs = [key for key, _amount in purchases]
        found = self.env["res.partner"].search_fetch([("ref", "in", refs)], ["ref"])
        partners = {partner.ref: partner for partner in found}
        return self._orders(
            [(partners[key], amount) for key, amount in purchases], False
        )

    @api.model
    def _orders(self, wanted, note=GENERATED):
        """Return confirmed orders of [(customer, amount)]."""
        orders = self._quotations(wanted, note)
        if orders:
            orders.action_confirm()
        return orders

    @api.model
    def _quotations(self, wanted, note=GENERATED):
        goods = self._goods()
        orders = self.env["sale.order"].with_context(**NEWS)
        return orders.create(
            [
                {
                    "partner_id": partner.id,
                    "client_order_ref": note,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": goods[partner.id % len(goods)].id,
                                "price_unit": amount,
                                "tax_ids": False,
                            }
                        )
                    ],
                }
                for partner, amount in wanted
            ]
        )

    @api.model
    def _goods(self):
        """Return the products of the shop; they are made once."""
        products = self.env["product.product"].with_context(**NEWS)
        names = [name for _shelf, name in GOODS]
        found = products.search([("name", "in", names)], order="id")
        if found:
            return found
        shelves = {shelf: None for shelf, _name in GOODS}
        for shelf in shelves:
            shelves[shelf] = self.env["product.category"].create({"name": shelf})
        return products.create(
            [
                {
                    "name": name,
                    "type": "service",
                    "invoice_policy": "order",
                    "categ_id": shelves[shelf].id,
                    "taxes_id": [Command.clear()],
                }
                for shelf, name in GOODS
            ]
        )

    # --------------------------------------------------------------------- payments
    @api.model
    def _let_a_payment_fail(self, day):
        """Of regular customers some have trouble with a card; half put it right."""
        dice = self._random("failure", day)
        events = self.env["lifecycle.event"]
        waiting = events.search(
            [
                ("event_type", "=", "payment_failed"),
                ("event_key", "=like", "demo:%"),
                ("occurred_at", ">=", self._now() - timedelta(days=2, hours=1)),
                ("occurred_at", "<=", self._now() - timedelta(days=1)),
            ],
            order="id",
        )
        values = [
            self._payment(event.customer_id.id, "payment_done", day)
            for event in waiting
            if dice.random() < 0.35
        ]
        if dice.randrange(100) < FAILURES:
            rows = self.env["customer.lifecycle"].search(
                [("current_stage", "in", ("active", "engaged"))], order="id"
            )
            for row in rows and [dice.choice(rows)]:
                values.append(self._payment(row.customer_id.id, "payment_failed", day))
        events._record(values)

    @api.model
    def _payment(self, customer, event_type, day):
        return {
            "customer_id": customer,
            "company_id": self.env.company.id,
            "event_type": event_type,
            "event_key": f"demo:{event_type}:{customer}:{day.isoformat()}",
            "occurred_at": self._now(),
            "data": {"value": 450 + customer % 400, "generated": True},
        }
