"""What happens to messages after they were decided on."""

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestAfterlife(JourneyCommon):
    def test_sms_resent_by_hand(self):
        run = self._enrol(
            self._journey(self._step(channel="sms", template_id=False, body="Milk")),
            self._member(),
        )
        self._process()
        delivery = run.delivery_ids
        tracker = delivery.sms_id.sms_tracker_id
        tracker._action_update_from_sms_state("error", failure_type="sms_server")
        self.deliveries._follow_traces()
        self.assertEqual(delivery.state, "failed")
        self.assertFalse(self.log.search([("customer_id", "=", run.customer_id.id)]))
        tracker._action_update_from_sms_state(
            "pending"
        )  # resend_failed, the gateway took it
        self.deliveries._follow_traces()
        self.env.invalidate_all()
        self.assertEqual(delivery.trace_id.trace_status, "pending")
        self.assertEqual(
            (
                delivery.state,
                len(self.log.search([("customer_id", "=", run.customer_id.id)])),
            ),
            ("sent", 1),
        )

    def test_goal_event_unknown(self):
        with self.assertRaises(ValidationError):
            self._journey(goal="event", goal_event="frist_order_placed")

    @freeze_time(NOON)
    def test_control_set_bounced_wakes(self):
        first = self._step()
        wait = self._step(
            kind="wait", template_id=False, wait_until="bounced", wait_timeout_hours=100
        )
        run = self._enrol(self._journey(first, wait, goal="none"), self._member())
        self._process()
        run.delivery_ids.trace_id.set_bounced()
        self._dispatch()
        self._process(1)
        self.env.invalidate_all()
        self.assertEqual((run.delivery_ids.state, run.run_state), ("bounced", "done"))

    @freeze_time(NOON)
    def test_bounced_sms_wakes(self):
        first = self._step(channel="sms", template_id=False, body="Milk")
        wait = self._step(
            kind="wait", template_id=False, wait_until="bounced", wait_timeout_hours=100
        )
        run = self._enrol(self._journey(first, wait, goal="none"), self._member())
        self._process()
        run.delivery_ids.sms_id.sms_tracker_id._action_update_from_provider_error(
            "invalid_destination"
        )
        self.deliveries._follow_traces()
        self._dispatch()
        self._process(1)
        self.env.invalidate_all()
        self.assertEqual(run.delivery_ids.state, "bounced")
        self.assertEqual(run.run_state, "done")

    @freeze_time(NOON)
    def test_retry_of_a_run_cancelled_by_hand(self):
        run = self._enrol(self._journey(goal="none"), self._member())
        self._process()
        mail = run.delivery_ids.mail_mail_id
        mail.state = "exception"
        self.deliveries._follow_traces()
        run.action_cancel()
        mail.action_retry()
        self.assertTrue(mail._stopped())
