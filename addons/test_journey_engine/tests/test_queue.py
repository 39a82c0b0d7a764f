from datetime import timedelta

from odoo.tests import freeze_time, tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon

NIGHT = NOON + timedelta(hours=10)
MORNING = NOON + timedelta(hours=21)


@tagged("post_install", "-at_install")
class TestQueue(JourneyCommon):
    """A message that waits in a queue is looked at again before it leaves."""

    def _queued(self, channel="email", **values):
        person = self._member()
        self._say(person, "granted", channel=channel)
        step = self._step(channel=channel, body="Milk", **values)
        run = self._enrol(self._journey(step, self._step(48)), person)
        self._process()
        return run

    def test_a_mail_does_not_leave_at_night(self):
        run = self._queued()
        mail = run.delivery_ids.mail_mail_id
        with freeze_time(NIGHT):
            self.assertEqual(mail._stopped(), mail)
            self.assertEqual(mail.scheduled_date, MORNING)
            self.assertRecordValues(
                run.delivery_ids,
                [{"state": "queued", "times_held": 1, "retry_at": MORNING}],
            )
        with freeze_time(MORNING):
            self.assertFalse(mail._stopped())

    def test_order_facts_leave_at_night(self):
        mail = self._queued(category="transactional").delivery_ids.mail_mail_id
        with freeze_time(NIGHT):
            self.assertFalse(mail._stopped())

    def test_an_sms_waits_for_the_morning_and_blocks_no_other(self):
        run = self._queued("sms")
        sms = run.delivery_ids.sms_id
        with freeze_time(NIGHT):
            sms._send()
            self.assertEqual(sms.state, "postponed")
            self.deliveries._bring_back(NIGHT)
            self.assertEqual(sms.state, "postponed")
        self.deliveries._bring_back(MORNING)
        self.assertEqual(sms.state, "outgoing")

    def test_a_postponed_sms_is_called_back_with_its_run(self):
        run = self._queued("sms")
        sms = run.delivery_ids.sms_id
        with freeze_time(NIGHT):
            sms._send()
        run.action_cancel()
        self.assertEqual(sms.state, "canceled")
        self.assertEqual(run.delivery_ids.state, "cancelled")

    @freeze_time(NOON)
    def test_what_is_queued_waits_while_its_journey_is_switched_off(self):
        run = self._queued()
        mail = run.delivery_ids.mail_mail_id
        run.definition_id.action_stop()
        self.assertEqual(mail._stopped(), mail)
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.scheduled_date, NOON + timedelta(hours=1))
        run.definition_id.action_start()
        self.assertFalse(mail._stopped())

    def test_what_waited_too_long_in_the_queue_is_old_news(self):
        self.shop.contact_hold_hours = 24
        run = self._queued()
        with freeze_time(NOON + timedelta(hours=24)):
            self.assertTrue(run.delivery_ids.mail_mail_id._stopped())
        self.assertEqual(self._states(run), [("cancelled", "expired")])
