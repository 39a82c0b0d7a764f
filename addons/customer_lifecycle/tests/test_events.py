from contextlib import suppress
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..models.lifecycle_event import LifecycleEvent
from ..tools import notifier
from .common import NOW, LifecycleCommon

ORDER = ("order_confirmed", "order_cancelled", "order_changed")


@tagged("post_install", "-at_install")
class TestEvents(LifecycleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer()

    def _keys(self, order):
        self.env.flush_all()
        domain = [("res_model", "=", "sale.order"), ("res_id", "=", order.id)]
        return self.events.search(domain, order="id").mapped("event_key")

    def _pending_customers(self):
        self.env.flush_all()
        return self.events.search([("is_pending", "=", True)]).customer_id

    def test_confirming_records_one_pending_event_that_tells_of_the_order(self):
        order = self._create_order(self.customer, amount=42)
        order.action_confirm()
        self.env.flush_all()
        event = self.events.search(
            [("event_key", "=", f"order_confirmed:{order.id}:1")]
        )
        self.assertRecordValues(
            event,
            [
                {
                    "customer_id": self.customer.id,
                    "company_id": self.env.company.id,
                    "occurred_at": NOW,
                    "res_id": order.id,
                    "is_pending": True,
                }
            ],
        )
        self.assertEqual(event.data, {"name": order.name, "amount": 42.0})

    def test_the_event_is_dated_when_the_order_was_confirmed_not_drafted(self):
        order = self._create_order(self.customer, NOW - timedelta(days=9))
        order.action_confirm()
        self.env.flush_all()
        self.assertEqual(order.date_order, NOW)
        event = self.events.search(
            [("event_key", "=", f"order_confirmed:{order.id}:1")]
        )
        self.assertEqual(event.occurred_at, NOW)

    def test_each_confirmation_and_cancellation_has_its_own_number(self):
        order = self._create_order(self.customer)
        for _turn in range(2):
            order.action_confirm()
            self.env.flush_all()
            order._action_cancel()
            self.env.flush_all()
            order.action_draft()
            self.env.flush_all()
        kinds = ["order_confirmed", "order_cancelled"]
        self.assertEqual(
            self._keys(order), [f"{k}:{order.id}:{n}" for n in (1, 2) for k in kinds]
        )

    def test_confirmed_and_cancelled_before_anything_is_written_is_no_news(self):
        order = self._create_order(self.customer)
        self.env.flush_all()
        order.state = "sale"
        order.state = "cancel"
        self.assertFalse(self._keys(order))

    def test_writing_or_creating_the_state_directly_counts_too(self):
        written = self._create_order(self.customer)
        written.state = "sale"
        created = self._create_order(self.customer, state="sale")
        for order in (written, created):
            self.assertIn(f"order_confirmed:{order.id}:1", self._keys(order))

    def test_what_changes_on_a_draft_is_no_news(self):
        order = self._create_order(self.customer)
        order.write({"partner_id": self._create_customer().id, "date_order": NOW})
        order.order_line.price_unit = 99
        order.state = "sent"
        self.assertFalse(self._keys(order))

    def test_changes_of_a_confirmed_order_are_news(self):
        changes = {
            "amount": lambda order: order.order_line.write({"price_unit": 99}),
            "date": lambda order: order.write({"date_order": datetime(2039, 1, 1)}),
            "rate": lambda order: order.write({"currency_rate": 2.0}),
        }
        for name, change in changes.items():
            with self.subTest(name):
                order = self._order(self.customer)
                change(order)
                self.assertIn("order_changed", self._keys(order)[-1])

    def test_what_facts_do_not_depend_on_is_no_news(self):
        order = self._order(self.customer)
        order.write({"client_order_ref": "X", "note": "hello"})
        self.assertEqual(self._keys(order), [f"order_confirmed:{order.id}:1"])

    def test_another_partner_touches_both_customers(self):
        order, other = self._order(self.customer), self._create_customer()
        self._settle()
        order.partner_id = other
        self.assertEqual(self._pending_customers(), self.customer | other)
        self._settle()
        self.assertEqual(self._row(self.customer).total_orders, 0)
        self.assertEqual(self._row(other).total_orders, 1)

    def test_another_company_touches_the_rows_in_both(self):
        order, second = self._order(self.customer), self._create_company()
        self._settle()
        order._write_multi([{"company_id": second.id}])
        self._settle()
        self.assertEqual(self._row(self.customer).total_orders, 0)
        self.assertEqual(self._row(self.customer, second).total_orders, 1)

    def test_partner_and_confirmation_written_together_touch_the_new_partner(self):
        order, other = self._create_order(self.customer), self._create_customer()
        self.env.flush_all()
        order.write({"partner_id": other.id, "state": "sale"})
        self.assertEqual(self._pending_customers(), other)

    def test_partner_changed_while_state_is_written_again_touches_both(self):
        order, other = self._order(self.customer), self._create_customer()
        self._dispatch()
        self.env.flush_all()
        self.env["sale.order"].browse(order.id)._write_multi(
            [{"state": "sale", "partner_id": other.id}]
        )
        self.assertEqual(self._pending_customers(), self.customer | other)

    def test_an_order_of_a_contact_is_an_event_of_its_company(self):
        company = self._create_customer(is_company=True)
        order = self._order(self._create_customer(parent_id=company.id))
        self.assertEqual(self._types(company, *ORDER), ["order_confirmed"])
        self.assertEqual(len(self._keys(order)), 1)

    def test_a_replayed_event_is_left_alone(self):
        values = {
            "customer_id": self.customer.id,
            "company_id": self.env.company.id,
            "event_type": "signup",
            "event_key": "signup:test",
            "occurred_at": NOW,
        }
        self.events._record([values, values])
        self.events._record([values])
        self.assertEqual(self._types(self.customer), ["signup"])

    def test_what_is_recorded_as_history_is_pending_nowhere(self):
        silent = self._create_order(self.customer).with_context(
            customer_lifecycle_history=True
        )
        silent.action_confirm()
        silent.flush_recordset()
        self.assertFalse(self._pending_customers())
        self.assertEqual(self._types(self.customer), ["order_confirmed"])

    def test_confirming_costs_one_statement_for_any_number_of_orders(self):
        self.retries._dispatcher()  # known from the second time on
        for number in (1, 20):
            with self.subTest(number):
                orders = self.env["sale.order"].union(
                    *(self._create_order(self.customer) for _n in range(number))
                )
                self.env.flush_all()
                with (
                    patch.object(LifecycleEvent, "_wake"),
                    self.assertQueryCount(1),
                ):
                    orders._record_lifecycle_changes([{"state": "sale"}] * number)

    def test_the_dispatcher_is_triggered_once_per_transaction(self):
        triggers = self._triggers()
        for number in range(3):
            values = {
                "customer_id": self.customer.id,
                "company_id": self.env.company.id,
                "event_type": "signup",
                "event_key": f"signup:test:{number}",
                "occurred_at": NOW,
            }
            self.events._record([values])
        self.assertEqual(len(self._triggers() - triggers), 1)

    def test_confirming_triggers_the_dispatcher_and_workers_are_told_after_commit(self):
        triggers = self._triggers()
        notify = self.env.registry["ir.cron"]
        self.env.cr.postcommit.clear()
        with patch.object(notify, "_notifydb", autospec=True) as notified:
            for _n in range(3):
                self._order(self.customer)
            self.assertEqual(len(self._triggers() - triggers), 1)
            notified.assert_not_called()
            self.env.cr.postcommit.run()
            notifier._executor.submit(int).result(10)  # it works in turn
        notified.assert_called_once()

    def test_a_rolled_back_order_leaves_no_trigger_and_the_next_one_does(self):
        triggers = self._triggers()
        with suppress(ZeroDivisionError), self.env.cr.savepoint():
            self._order(self.customer)
            self.env.flush_all()
            raise ZeroDivisionError
        self.assertEqual(self._triggers(), triggers)
        self._order(self.customer)
        self.assertEqual(len(self._triggers() - triggers), 1)

    def test_news_without_the_cron_of_the_dispatcher_wait_for_it(self):
        self.env.ref("customer_lifecycle.ir_cron_lifecycle_event_dispatch").unlink()
        self._order(self.customer)
        self.env.flush_all()
        self.assertEqual(len(self.events.search([("is_pending", "=", True)])), 1)

    def _triggers(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        cron = self.env.ref("customer_lifecycle.ir_cron_lifecycle_event_dispatch")
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def test_first_order_is_told_once_also_after_cancelling_it(self):
        order = self._order(self.customer)
        self._settle()
        order._action_cancel()
        self._settle()
        self._order(self.customer)
        self._settle()
        types = self._types(self.customer, "first_order_placed")
        self.assertEqual(types, ["first_order_placed"])

    def test_events_cannot_be_changed_or_deleted(self):
        self._order(self.customer)
        event = self.events.search([("customer_id", "=", self.customer.id)], limit=1)
        with self.assertRaisesRegex(Exception, "history"):
            event.write({"event_type": "x"})
        with self.assertRaisesRegex(Exception, "history"):
            event.unlink()
