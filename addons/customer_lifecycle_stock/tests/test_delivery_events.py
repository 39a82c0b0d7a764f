from datetime import date

from odoo.tests import Form, freeze_time, tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestDeliveryEvents(DeliveryCommon):
    def test_delivery_is_an_event_of_the_commercial_customer(self):
        contact = self._create_customer(parent_id=self.customer.id, type="contact")
        order = self._create_order(contact)
        picking = self._deliver(order)
        event = self._new_events("delivery_done")
        self.assertRecordValues(
            event,
            [
                {
                    "customer_id": self.customer.id,
                    "company_id": self.env.company.id,
                    "event_key": f"delivery_done:{picking.id}",
                    "occurred_at": picking.date_done,
                    "res_model": "stock.picking",
                    "res_id": picking.id,
                    "data": {"name": picking.name, "order": order.name},
                    "is_pending": True,
                }
            ],
        )

    def test_goods_sent_to_somebody_else_count_for_who_ordered(self):
        receiver = self._create_customer(name="Receiver")
        self._deliver(self._create_order(partner_shipping_id=receiver.id))
        self.assertEqual(self._event_types(), ["delivery_done"])
        self.assertFalse(self._event_types(receiver))

    def test_hook_only_inserts(self):
        self._settle()
        order = self._create_order()
        self._settle()
        row = self._row()
        written = row.updated_at
        self._deliver(order)
        self.assertEqual(self._event_types(), ["delivery_done"])
        self.env.invalidate_all()
        self.assertFalse(row.first_delivery_date)
        self.assertTrue(row.facts_on)
        self.assertEqual(row.updated_at, written)

    def test_each_delivery_but_only_the_first_one_is_first(self):
        with freeze_time("2026-03-01 12:00:00"):
            self._deliver(self._create_order())
            self._settle()
        with freeze_time("2026-03-05 12:00:00"):
            self._deliver(self._create_order())
            self._settle()
        self.assertEqual(
            self._event_types(),
            ["delivery_done", "first_delivery_completed", "delivery_done"],
        )
        self.assertEqual(self._row().first_delivery_date, date(2026, 3, 1))

    def test_two_deliveries_at_once_have_one_first(self):
        orders = self._create_order() | self._create_order()
        self._ready(orders.picking_ids)._action_done()
        self._settle()
        first = self._new_events("first_delivery_completed")
        self.assertEqual(first.res_id, min(orders.picking_ids.ids))

    def test_a_replay_doubles_nothing(self):
        picking = self._deliver(self._create_order())
        self._settle()
        before = self._event_types()
        picking._record_lifecycle_deliveries()
        done = self._new_events("delivery_done")
        done._consume_deliveries()
        self._settle()
        self.assertEqual(self._event_types(), before)
        self.assertEqual(len(before), 2)

    def test_first_delivery_is_news_that_touches_nobody(self):
        self._deliver(self._create_order())
        self._dispatch()
        first = self._new_events("first_delivery_completed")
        self.assertTrue(first.is_pending)
        self.assertFalse(first._is_fact())

    def test_backorder_is_a_delivery_of_its_own(self):
        order = self._create_order()
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        Form.from_action(self.env, picking.button_validate()).save().process()
        self._deliver(order)
        self._settle()
        self.assertEqual(self._event_types().count("delivery_done"), 2)
        self.assertEqual(self._event_types().count("first_delivery_completed"), 1)

    def test_return_is_no_delivery_and_takes_none_away(self):
        picking = self._deliver(self._create_order())
        # Without a type of its own a return is an outgoing transfer, too.
        picking.picking_type_id.return_picking_type_id = False
        returned = self._return(picking)
        self._settle()
        self.assertEqual(returned.picking_type_id.code, "outgoing")
        self.assertEqual(self._event_types().count("delivery_done"), 1)
        self.assertTrue(self._row().first_delivery_date)

    def test_receipts_and_transfers_without_an_order_are_no_deliveries(self):
        kind = self.env.ref("stock.picking_type_out")
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": kind.id,
                "location_id": kind.default_location_src_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
            }
        )
        self.env["stock.move"].create(
            {
                "picking_id": picking.id,
                "product_id": self.product.id,
                "product_uom_qty": 1,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.action_confirm()
        self._ready(picking)._action_done()
        self.assertEqual(picking.state, "done")
        self.assertFalse(self._event_types())

    def test_many_pickings_cost_one_statement(self):
        orders = self.env["sale.order"]
        for _number in range(12):
            orders |= self._create_order(self._create_customer())
        pickings = self._ready(orders.picking_ids)
        pickings._action_done()
        self.env.cr.execute("DELETE FROM lifecycle_event")
        self.env.flush_all()
        # One INSERT; looking up the dispatcher's cron and triggering it are the rest.
        with self.assertQueryCount(3):
            pickings._record_lifecycle_deliveries()
        self.assertEqual(len(self._new_events("delivery_done")), 12)

    def test_labels_of_the_timeline(self):
        labels = self.events._event_labels()
        self.assertEqual(labels["delivery_done"], "Delivered")
        self.assertEqual(labels["first_delivery_completed"], "First delivery")
        self.assertIn("order_confirmed", labels)
