from odoo import Command, fields

from odoo.addons.base.tests.common import BaseCommon


class DeliveryCommon(BaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer()
        cls.product = cls.env["product.product"].create(
            {"name": "Milk", "type": "consu", "list_price": 10.0}
        )
        cls.events = cls.env["lifecycle.event"]
        cls.former = cls.events.search([], order="id desc", limit=1).id or 0

    @classmethod
    def _create_customer(cls, **values):
        return cls.env["res.partner"].create({"name": "Customer", **values})

    @classmethod
    def _create_order(cls, partner=None, company=None, confirm=True, **values):
        company = company or cls.env.company
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": (partner or cls.customer).id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {"product_id": cls.product.id, "product_uom_qty": 2}
                        )
                    ],
                    **values,
                }
            )
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _ready(cls, pickings):
        for move in pickings.move_ids:
            move.quantity = move.product_uom_qty
            move.picked = True
        return pickings

    @classmethod
    def _deliver(cls, order, at=None):
        """Deliver everything of ``order``; ``at`` dates the transfer back."""
        pickings = cls._ready(order.picking_ids.filtered(lambda p: p.state != "done"))
        pickings._action_done()
        if at:
            pickings.date_done = at
        return pickings

    @classmethod
    def _return(cls, picking):
        wizard = (
            cls.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        for line in wizard.product_return_moves:
            line.quantity = line.move_id.quantity
        returned = wizard._create_return()
        cls._ready(returned)._action_done()
        return returned

    @classmethod
    def _new_events(cls, event_type):
        """Events of this test, whatever else the database holds."""
        domain = [("event_type", "=", event_type), ("id", ">", cls.former)]
        return cls.events.search(domain, order="id")

    @classmethod
    def _event_types(cls, customer=None, **values):
        """Types of a customer's events, in the order of their being recorded."""
        domain = [("customer_id", "=", (customer or cls.customer).id)]
        domain += [(name, "=", value) for name, value in values.items()]
        found = cls.events.search(domain, order="id").mapped("event_type")
        return [t for t in found if "deliver" in t]

    @classmethod
    def _dispatch(cls):
        cls.env.flush_all()
        cls.env["lifecycle.event.retry"]._dispatch(
            cls.events.search([("is_pending", "=", True)])
        )

    @classmethod
    def _settle(cls):
        """Do what the crons do: hand out the events, evaluate who was touched."""
        for _round in range(2):  # what the first one finds out is news, too
            cls._dispatch()
            cls.env["lifecycle.engine"]._evaluate_due(fields.Datetime.now(), 1000)

    @classmethod
    def _row(cls, customer=None, company=None):
        return cls.env["customer.lifecycle"].search(
            [
                ("customer_id", "=", (customer or cls.customer).id),
                ("company_id", "=", (company or cls.env.company).id),
            ]
        )
