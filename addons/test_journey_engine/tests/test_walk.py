from odoo.tests import tagged

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestWalk(JourneyCommon):
    def test_a_customer_walks_a_journey_from_its_first_step_to_its_last(self):
        journey, person = self._journey(), self._member()
        run = self._enrol(journey, person)
        self.assertEqual(self._process(), 1)
        self.assertRecordValues(
            run, [{"run_state": "running", "steps_completed": 1, "current_step": 2}]
        )
        self.assertEqual(self._process(47), 0)
        self.assertEqual(self._process(48), 1)
        self.assertRecordValues(
            run, [{"run_state": "done", "exit_reason": "completed"}]
        )
        self.assertEqual(self._states(run), [("queued", False)] * 2)

    def test_its_mails_are_personal_tracked_and_in_the_queue(self):
        person = self._member(name="Karim <b>")
        run = self._enrol(self._journey(), person)
        self._process()
        mail = run.delivery_ids.mail_mail_id
        self.assertRecordValues(
            mail,
            [
                {
                    "state": "outgoing",
                    "subject": "Milk for Karim <b>",
                    "model": "res.partner",
                    "res_id": person.id,
                }
            ],
        )
        self.assertIn("Dear Karim &lt;b&gt;", mail.body_html)
        self.assertIn("/r/", mail.body_html)
        self.assertIn("/unsubscribe_from_list", mail.body_html)
        self.assertEqual(mail.mailing_trace_ids, run.delivery_ids.trace_id)
