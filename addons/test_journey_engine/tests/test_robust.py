from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.journey_engine.models import journey_scheduler

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestRobust(JourneyCommon):
    def test_a_condition_that_takes_too_long_holds_up_nobody(self):
        slow = self._step(condition="[('total_orders', '=', 0)]")
        runs = self._enrol(self._journey(slow), self._member())
        others = self._enrol(self._journey(self._step()), self._member())
        rows = type(self.env["customer.lifecycle"])
        search = rows.search

        def sleepy(model, domain, *args, **kwargs):
            model.env.cr.execute("SELECT pg_sleep(3)")
            return search(model, domain, *args, **kwargs)

        with (
            patch.object(journey_scheduler, "CONDITION_MS", 50),
            patch.object(rows, "search", sleepy),
            self.assertLogs("odoo.addons.journey_engine", "WARNING"),
        ):
            self._process()
        self.assertEqual(self._states(runs), [("held", "render_error")])
        self.assertIn("QueryCanceled", runs.delivery_ids.error)
        self.assertEqual(self._states(others), [("queued", False)])
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone()[0], "0")

    def test_a_journey_that_somebody_walked_is_not_deleted(self):
        journey = self._journey()
        unused = self._journey()
        version = unused.version_id
        self._enrol(journey, self._member())
        with self.assertRaises(UserError):
            journey.unlink()
        unused.unlink()
        self.assertFalse(version.exists())

    def test_a_mail_that_is_sent_again_by_hand_counts_after_all(self):
        run = self._enrol(self._journey(goal="none"), self._member())
        self._process()
        delivery = run.delivery_ids
        delivery.trace_id.set_failed(failure_type="mail_smtp")
        self.deliveries._follow_traces()
        self.assertEqual(delivery.state, "failed")
        self.assertFalse(self.log.search([("customer_id", "=", run.customer_id.id)]))
        delivery.trace_id.set_sent()
        self.deliveries._follow_traces()
        self.assertEqual(delivery.state, "sent")
        logged = self.log.search([("customer_id", "=", run.customer_id.id)])
        self.assertEqual(len(logged), 1)
        self.assertTrue(logged.address_hash)

    def test_a_journey_starts_where_nobody_has_an_address_yet(self):
        self.shop.email = False
        self.env.user.email = False
        journey = self._journey(start=False)
        journey.action_start()
        self.assertTrue(journey.is_active)
