from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.nps_feedback.tests.common import NOON, FeedbackCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestDeliverySurvey(FeedbackCommon):
    """A transfer of the warehouse has its customer asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._survey(
            "post_delivery", {"delay_hours": 24}, channel="email", cooldown_days=0
        )
        cls.milk = cls.env["product.product"].create(
            {"name": "Milk", "type": "consu", "is_storable": False, "list_price": 10}
        )
        cls.person = cls._member()

    def _orders(self, quantity=2):
        order = self.env["sale.order"].with_company(self.shop)
        order = order.create(
            {
                "partner_id": self.person.id,
                "company_id": self.shop.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.milk.id, "product_uom_qty": quantity}
                    )
                ],
            }
        )
        order.action_confirm()
        return order

    def _delivers(self, picking, quantity, now=NOON):
        """The warehouse hands over so much, and the events are handed out."""
        with freeze_time(now):
            picking.move_ids.write({"quantity": quantity, "picked": True})
            picking.with_context(cancel_backorder=False)._action_done()
            self._dispatch()
        self.assertEqual(picking.state, "done")
        return picking

    def test_who_was_delivered_is_asked_a_day_later(self):
        with freeze_time(NOON):
            order = self._orders()
            self._dispatch()
        self.assertFalse(self._of(self.survey))
        picking = self._delivers(order.picking_ids, 2)
        invitation = self._of(self.survey)
        about = {"order_id": order.id, "delivery_id": picking.id}
        self.assertEqual(invitation.customer_id, self.person)
        self.assertEqual(invitation.trigger_context, about)
        self._process(23)
        self.assertFalse(self._log(invitation))
        self._process(25)
        self.assertEqual([row[1] for row in self._log(invitation)], ["queued"])
        response = self._answers(invitation, 9, now=NOON + 2 * DAY)
        self.assertEqual(response.trigger_context, about)

    def test_every_part_of_an_order_is_a_delivery_and_asked_about_once(self):
        with freeze_time(NOON):
            order = self._orders(5)
        first = self._delivers(order.picking_ids, 2)
        self._process(25)
        self._answers(self._of(self.survey), 9, now=NOON + 2 * DAY)
        rest = order.picking_ids - first
        self.assertEqual(rest.backorder_id, first)
        self._delivers(rest, 3, NOON + 9 * DAY)
        both = self._of(self.survey)
        self.assertEqual(
            [i.trigger_context["delivery_id"] for i in both], [first.id, rest.id]
        )
        again = self.events.search(
            [("event_type", "=", "delivery_done"), ("res_id", "in", (first | rest).ids)]
        )
        self.assertEqual(len(again), 2)
        with freeze_time(NOON + 9 * DAY):
            again._consume_surveys()
        self.assertEqual(self._of(self.survey), both)

    def test_what_comes_back_is_no_delivery(self):
        with freeze_time(NOON):
            order = self._orders()
        picking = self._delivers(order.picking_ids, 2)
        self._answers(self._of(self.survey), 3)
        wizard = self.env["stock.return.picking"].with_context(
            active_id=picking.id, active_model="stock.picking"
        )
        wizard = wizard.create({})
        for line in wizard.product_return_moves:
            line.quantity = line.move_id.quantity
        self._delivers(wizard._create_return(), 2, NOON + DAY)
        self.assertEqual(len(self._of(self.survey)), 1)
