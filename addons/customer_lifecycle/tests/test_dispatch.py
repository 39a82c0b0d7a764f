from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.lifecycle_event import LifecycleEvent
from ..models.lifecycle_event_retry import MAX_ATTEMPTS, LifecycleEventRetry
from .common import NOW, LifecycleCommon

LOGGER = "odoo.addons.customer_lifecycle.models.lifecycle_event_retry"


@tagged("post_install", "-at_install")
class TestDispatch(LifecycleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer, cls.bad = cls._create_customer(), cls._create_customer()
        cls.lifecycle._ensure(cls.customer + cls.bad)
        cls._settle()
        cls.seen = []

    def setUp(self):
        super().setUp()
        self.seen.clear()
        self.broken = set()

    def test_who_was_touched_is_evaluated_soon(self):
        engine = type(self.env["lifecycle.engine"])
        with patch.object(engine, "_wake_evaluation") as woken:
            self.lifecycle._touch([(self.customer.id, self.env.company.id)])
        woken.assert_called_once()

    @contextmanager
    def _listening(self):
        """One consumer more, which fails on the customers in ``self.broken``."""
        test, known = self, LifecycleEvent._event_consumers

        def consume(events):
            if any(event.customer_id.id in test.broken for event in events):
                raise ValueError("no such luck")
            test.seen += events.mapped("event_key")

        def consumers(events):
            return known(events) | {"test": "_consume_test"}

        with (
            patch.object(LifecycleEvent, "_event_consumers", consumers),
            patch.object(LifecycleEvent, "_consume_test", consume, create=True),
            mute_logger(LOGGER),
        ):
            yield

    def _record(self, *names, customer=None):
        self.events._record(
            [
                {
                    "customer_id": (customer or self.customer).id,
                    "company_id": self.env.company.id,
                    "event_type": "test",
                    "event_key": name,
                    "occurred_at": NOW,
                }
                for name in names
            ]
        )

    def _retry_at(self, moment):
        with freeze_time(moment):
            return self.retries._due()._retry()

    def _parked(self):
        return self.retries.search([("consumer", "=", "test")])

    def test_every_consumer_gets_every_event_once(self):
        with self._listening():
            self._record("a", "b")
            self._dispatch()
            self._record("b", "c")
            self._dispatch()
        self.assertEqual(self.seen, ["a", "b", "c"])
        self.assertFalse(self._row(self.customer).facts_on, "the other consumer")

    def test_events_out_of_order_are_not_lost(self):
        """A transaction that commits late brings an id below those already seen."""
        with self._listening():
            self._record("late", "early")
            late = self.events.search([("event_key", "=", "late")])
            self.retries._dispatch(self.events.search([("event_key", "=", "early")]))
            self.assertTrue(late.is_pending)
            self._dispatch()
        self.assertEqual(self.seen, ["early", "late"])

    def test_a_failing_consumer_parks_its_events_and_no_one_elses(self):
        self.broken.add(self.bad.id)
        with self._listening():
            self._record("good")
            self._record("bad", customer=self.bad)
            self._dispatch()
        parked = self._parked()
        self.assertEqual(set(parked.event_id.mapped("event_key")), {"good", "bad"})
        self.assertEqual(self.retries.search([]) - parked, self.retries)
        self.assertIn("no such luck", parked[0].error)
        self.assertFalse(self._row(self.bad).facts_on, "the other consumer has had it")

    def test_parked_events_are_tried_one_by_one_so_that_the_bad_one_stays_alone(self):
        self.broken.add(self.bad.id)
        with self._listening():
            self._record("good")
            self._record("bad", customer=self.bad)
            self._dispatch()
            self._retry_at(NOW)
        self.assertEqual(self.seen, ["good"])
        self.assertEqual(self._parked().event_id.mapped("event_key"), ["bad"])

    def test_what_a_failing_consumer_wrote_is_taken_back(self):
        def consume(events):
            events.customer_id.sudo().comment = "half done"
            events.env.flush_all()
            raise ValueError

        with self._listening(), patch.object(LifecycleEvent, "_consume_test", consume):
            self._record("a")
            self._dispatch()
        self.assertFalse(self.customer.comment)

    def test_a_database_error_in_a_consumer_does_not_poison_the_others(self):
        def consume(events):
            events.env.cr.execute("SELECT 1 / 0")

        with (
            self._listening(),
            mute_logger("odoo.sql_db"),
            patch.object(LifecycleEvent, "_consume_test", consume),
        ):
            self._record("a")
            self._dispatch()
        self.assertIn("DivisionByZero", self._parked().error)

    def test_waiting_doubles_and_it_is_given_up_after_ten_attempts(self):
        self.broken.add(self.bad.id)
        moment = NOW
        with self._listening():
            self._record("bad", customer=self.bad)
            self._dispatch()
            for attempt in range(1, MAX_ATTEMPTS + 1):
                self._retry_at(moment)
                parked = self._parked()
                self.assertEqual(parked.attempts, attempt)
                wait = timedelta(minutes=2**attempt)
                self.assertEqual(parked.next_attempt_at - moment, wait)
                self.assertFalse(self._retry_at(moment + wait - timedelta(seconds=1)))
                moment += wait
            self.assertEqual(parked.state, "failed")
            self.assertFalse(self._retry_at(moment + timedelta(days=99)))

    def test_it_succeeds_once_the_consumer_is_repaired(self):
        self.broken.add(self.bad.id)
        with self._listening():
            self._record("bad", customer=self.bad)
            self._dispatch()
            self._retry_at(NOW)
            self.broken.clear()
            self._retry_at(NOW + timedelta(minutes=2))
        self.assertEqual(self.seen, ["bad"])
        self.assertFalse(self._parked())

    def test_the_button_tries_given_up_events_again_for_managers_only(self):
        self.broken.add(self.bad.id)
        with self._listening():
            self._record("bad", customer=self.bad)
            self._dispatch()
            parked = self._parked()
            parked.write({"state": "failed", "next_attempt_at": "2050-01-01"})
            group = "customer_lifecycle.group_lifecycle_"
            marketer = new_test_user(self.env, "marketer", group + "user")
            with self.assertRaises(AccessError):
                parked.with_user(marketer).action_retry_now()
            manager = new_test_user(self.env, "manager", group + "manager")
            parked.with_user(manager).action_retry_now()
            self.broken.clear()
            self._retry_at(NOW)
        self.assertEqual(self.seen, ["bad"])

    def test_a_marketer_sees_what_waits_and_why(self):
        self.broken.add(self.bad.id)
        with self._listening():
            self._record("bad", customer=self.bad)
            self._dispatch()
        group = "customer_lifecycle.group_lifecycle_user"
        marketer = new_test_user(self.env, "marketer", group)
        seen = self._parked().with_user(marketer)
        self.assertEqual(seen.customer_id, self.bad)
        self.assertIn("no such luck", seen.error)

    def test_events_of_a_consumer_that_was_uninstalled_are_dropped(self):
        self.broken.add(self.bad.id)
        with self._listening():
            self._record("bad", customer=self.bad)
            self._dispatch()
        self._retry_at(NOW)
        self.assertFalse(self._parked())

    def test_the_cron_hands_out_everything_in_batches_and_ends(self):
        self.broken.add(self.bad.id)
        with self._listening(), self.enter_registry_test_mode():
            self._record(*"abcdefg")
            self._record("bad", customer=self.bad)
            with patch.object(LifecycleEventRetry._cron_dispatch, "__defaults__", (3,)):
                cron = "customer_lifecycle.ir_cron_lifecycle_event_dispatch"
                self.env.ref(cron).method_direct_trigger()
        self.assertEqual(sorted(self.seen), [*"abcdefg"])
        self.assertFalse(self.events.search([("is_pending", "=", True)]))
        self.assertEqual(self._parked().mapped("attempts"), [1])
