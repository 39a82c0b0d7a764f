from base64 import b64encode
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common import NOW, LifecycleCommon
from .history import insert_orders, insert_partners

MESSAGES = (
    "mail.mail",
    "mail.message",
    "mail.activity",
    "mail.notification",
    "sms.sms",
)
FILE = b"""customer,date,amount,name,email
7001,2040-01-05,10.50,Rahim,rahim@example.com
7001,2040-06-01,20.00,Rahim,rahim@example.com
7002,2040-02-01,5.00,Karim,karim@example.com
"""


@tagged("post_install", "-at_install")
class TestBackfill(LifecycleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As a person's: nothing in the context keeps messages from being sent.
        cls.env = cls.env(context={})
        cls.engine = cls.env["lifecycle.engine"]

    def _insert_history(self, *histories):
        """Orders that nobody has heard of."""
        names = [f"Past {number}" for number, _days in enumerate(histories)]
        ids = insert_partners(self.env, names)
        rows = [
            (partner, NOW - timedelta(days=day), 10)
            for partner, days in zip(ids, histories, strict=True)
            for day in days
        ]
        insert_orders(self.env, rows)
        return self.env["res.partner"].browse(ids)

    @contextmanager
    def _silence(self):
        """Nothing is sent, nobody is told, whichever hook might do so."""
        told = []
        lifecycle = self.registry["customer.lifecycle"]
        events = self.registry["lifecycle.event"]
        known = events._event_consumers
        models = [name for name in MESSAGES if name in self.env]
        before = [self.env[name].search_count([]) for name in models]

        def consume(events):
            told.extend(events)

        with (
            patch.object(
                lifecycle, "_on_stage_changed", lambda self, moves: told.extend(moves)
            ),
            patch.object(
                events,
                "_event_consumers",
                lambda self: known(self) | {"test": "_consume_test"},
            ),
            patch.object(events, "_consume_test", consume, create=True),
        ):
            yield
            self.env.flush_all()
            pending = self.events.search([("is_pending", "=", True)])
            self.assertFalse(pending.mapped("event_key"))
            self._settle()
        self.assertFalse(told)
        after = [self.env[name].search_count([]) for name in models]
        self.assertEqual(after, before, models)
        self.assertFalse(self.retries.search([]))

    def test_backfill_builds_everything_and_tells_nobody(self):
        customers = self._insert_history((400,), (70, 5), (3, 10), (40,))
        with self._silence():
            result = self.engine.backfill(NOW)
        self.assertEqual(result, {"created": 4, "counted": 4, "changed": 4})
        stages = [self._row(customer).current_stage for customer in customers]
        self.assertEqual(stages, ["churned", "won_back", "active", "at_risk"])
        self.assertEqual(
            self._types(customers[1], "order_confirmed"), ["order_confirmed"] * 2
        )
        self.assertFalse(any(self._rows(customers).mapped("attention_since")))
        self.assertFalse(self._integrity(customers))

    def test_backfill_again_changes_nothing(self):
        customers = self._insert_history((400,), (70, 5), (3, 10))
        self.engine.backfill(NOW)
        known = [self._types(c) for c in customers], self._rows(customers).read()
        result = self.engine.backfill(NOW)
        self.assertEqual((result["created"], result["changed"]), (0, 0))
        self.env.invalidate_all()
        again = [self._types(c) for c in customers], self._rows(customers).read()
        self.assertEqual(again, known)

    def test_installing_on_a_database_with_orders_tells_nobody(self):
        customers = self._insert_history((400,), (3,))
        with self._silence():
            self.engine._backfill_silently()
        self.assertEqual(len(self._rows(customers)), 2)

    def test_importing_tells_nobody(self):
        record = self.env["lifecycle.import"].create(
            {"name": "history.csv", "data": b64encode(FILE)}
        )
        with self._silence():
            record._begin()
            job = {"open": record._open, "collisions": 0}
            while record.state == "running":
                record._step(job)
        self.assertEqual(
            (record.state, record.orders, record.customers), ("done", 3, 2)
        )
        found = self.env["sale.order"].search([("origin", "=", record.name)])
        rows = self._rows(found.partner_id)
        self.assertEqual(sorted(rows.mapped("current_stage")), ["churned", "won_back"])
        self.assertFalse(self._integrity(found.partner_id))

    def test_replaying_the_past_writes_history_and_tells_nobody(self):
        (customer,) = self._insert_history((120,))
        with self._silence():
            start = NOW.date() - timedelta(days=150)
            self.engine._replay_history(start, NOW.date())
        stages = [to for _from, to in self._moves(customer)]
        self.assertEqual(stages, ["active", "at_risk", "dormant", "churned"])

    def test_an_order_confirmed_later_is_news_although_history_was_filled(self):
        (customer,) = self._insert_history((3,))
        self.engine.backfill(NOW)
        self._order(customer)
        pending = self.events.search([("is_pending", "=", True)])
        self.assertEqual(pending.mapped("event_type"), ["order_confirmed"])

    def test_an_imported_order_cancelled_and_confirmed_again_is_its_second_time(self):
        (customer,) = self._insert_history((3,))
        self.engine.backfill(NOW)
        order = self.env["sale.order"].search([("partner_id", "=", customer.id)])
        order._action_cancel()
        self.env.flush_all()
        order.action_draft()
        order.action_confirm()
        self.env.flush_all()
        self.assertTrue(
            self.events.search([("event_key", "=", f"order_confirmed:{order.id}:2")])
        )

    # -------------------------------------------------------------------- integrity
    def _manipulations(self, customer):
        order = self.env["sale.order"].search(
            [("partner_id", "=", customer.id)], limit=1
        )
        other = self._create_customer()
        row = f"UPDATE customer_lifecycle SET %s WHERE customer_id = {customer.id}"
        sale = f"UPDATE sale_order SET %s WHERE id = {order.id}"
        return {
            "total_orders": row % "total_orders = 7",
            "total_revenue": row % "total_revenue = total_revenue + 0.01",
            "first_order_date": row % "first_order_date = first_order_date - 1",
            "last_order_date": row % "last_order_date = NULL",
            "last_order_at": row
            % "last_order_at = last_order_at + interval '1 second'",
            "average_order_gap": row % "average_order_gap = 1",
            "customer_since": row % "customer_since = customer_since + 1",
            "won_back_at": row % "won_back_at = NULL",
            "missing": "DELETE FROM customer_lifecycle"
            f" WHERE customer_id = {customer.id}",
            "amount": sale % "amount_total = 11",
            "rate": sale % "currency_rate = 2",
            "state": sale % "state = 'cancel'",
            "date": sale % "date_order = date_order - interval '3 days'",
            "partner": sale % f"partner_id = {other.id}",
        }

    def test_integrity_finds_and_repairs_every_kind_of_manipulation(self):
        (customer,) = self._insert_history((90, 20, 3))
        self.engine.backfill(NOW)
        self.assertFalse(self._integrity(customer))
        for kind, statement in self._manipulations(customer).items():
            for repair in (
                lambda: self.engine.check_integrity(repair=True),
                lambda: self.engine.backfill(NOW),
            ):
                with self.subTest(kind), self.cr.savepoint() as savepoint:
                    self._assert_repaired(customer, kind, statement, repair)
                    savepoint.rollback()
                    self.env.invalidate_all()

    def _assert_repaired(self, customer, kind, statement, repair):
        self.env.cr.execute(statement)
        self.env.invalidate_all()
        found = self._integrity(customer)
        self.assertEqual(len(found), 1)
        if kind in self._row(customer)._fields or kind == "missing":
            self.assertIn(kind, found[0])
        repair()
        self.assertFalse(self.engine.check_integrity())

    def test_a_row_without_orders_left_is_counted_to_nothing(self):
        (customer,) = self._insert_history((3,))
        self.engine.backfill(NOW)
        self.env.cr.execute(
            "DELETE FROM sale_order WHERE partner_id = %s", [customer.id]
        )
        self.assertTrue(self._integrity(customer))
        self.engine.check_integrity(repair=True)
        row = self._row(customer)
        self.assertEqual((row.total_orders, row.last_order_date), (0, False))

    def test_the_weekly_job_repairs_and_warns(self):
        (customer,) = self._insert_history((3,))
        self.engine.backfill(NOW)
        self._row(customer).total_orders = 9
        self.env.flush_all()
        logger = "odoo.addons.customer_lifecycle.models.lifecycle_jobs"
        cron = self.env.ref("customer_lifecycle.ir_cron_lifecycle_full_evaluation")
        with self.enter_registry_test_mode(), self.assertLogs(logger, "WARNING"):
            cron.method_direct_trigger()
        self.assertFalse(self.engine.check_integrity())
