from odoo.tests import new_test_user, tagged

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

    def test_everybody_is_written_to_by_their_own_salesperson(self):
        template = self._template(
            email_from="{{ object.user_id.email_formatted }}",
            reply_to="{{ object.user_id.email }}",
        )
        sellers = [
            new_test_user(
                self.env,
                f"seller{next(self.numbers)}",
                "sales_team.group_sale_salesman",
                email=f"seller{number}@example.com",
            )
            for number in range(2)
        ]
        people = [self._member(user_id=seller.id) for seller in sellers]
        people.append(self._member())
        step = self._step(template_id=template.id)
        runs = self._enrol(self._journey(step), *people)
        self._process()
        mails = {run.customer_id: run.delivery_ids.mail_mail_id for run in runs}
        for person, seller in zip(people, sellers, strict=False):
            self.assertEqual(mails[person].email_from, seller.email_formatted)
            self.assertEqual(mails[person].reply_to, seller.email)
        self.assertEqual(mails[people[2]].email_from, self.shop.email_formatted)
