from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestTestRun(JourneyCommon):
    def _test_run(self, journey, person):
        action = journey.action_test_run()
        wizard = self.env["journey.test.run"].with_context(**action["context"])
        wizard = wizard.create({"customer_id": person.id})
        wizard.tester_id.email = "tester@example.com"
        with freeze_time(NOON):
            wizard.action_send()
        return wizard.line_ids

    def test_somebody_for_whom_it_is_stands_there_already(self):
        journey = self._journey()
        person = self._member(name="Karim")
        other = self._member(name="Sumon")
        (person | other).write({"email": False})
        person.email = "karim@example.com"
        self.env.flush_all()
        wizard = self.env["journey.test.run"]
        wizard = wizard.with_context(**journey.action_test_run()["context"])
        customer = wizard.new(wizard.default_get(["customer_id"])).customer_id
        self.assertTrue(customer.email_normalized)
        rows = self.env["customer.lifecycle"].search(
            [("customer_id", "=", customer._origin.id)]
        )
        self.assertEqual(rows.company_id, self.shop)

    def test_every_message_goes_to_the_tester_and_counts_for_nothing(self):
        condition = "[('total_orders', '>', 5)]"
        journey = self._journey(
            self._step(),
            self._step(1, kind="wait", template_id=False),
            self._step(
                2, channel="sms", template_id=False, body="SMS {{ object.name }}"
            ),
            self._step(3, channel="activity", title="Call {{ object.name }}"),
            self._step(4, condition=condition),
            start=False,
        )
        person = self._member(name="Karim")
        self._say(person, "withdrawn", channel="sms")
        before = self.env["link.tracker"].search_count([("id", ">", 0)])
        lines = self._test_run(journey, person)
        self.assertEqual(
            lines.mapped("outcome"),
            [
                "Would be sent now",
                "Nothing to send",
                "No consent",
                "Would be sent now",
                "Condition not met",
            ],
        )
        self.assertEqual(lines[0].subject, "Milk for Karim")
        self.assertIn("SMS Karim", lines[2].body)
        mails = self.env["mail.mail"].search([("subject", "like", "[Test]")])
        self.assertEqual(len(mails), 4)
        self.assertEqual(set(mails.mapped("email_to")), {mails[0].email_to})
        self.assertIn("tester@example.com", mails[0].email_to)
        self.assertFalse(self.deliveries.search([("customer_id", "=", person.id)]))
        self.assertFalse(self.log.search([("customer_id", "=", person.id)]))
        self.assertEqual(
            self.env["link.tracker"].search_count([("id", ">", 0)]), before
        )

    def test_what_is_wrong_with_a_template_is_told(self):
        template = self._template(
            "<p t-out=\"1 / (0 if object.name == 'Bad' else 1)\"/>"
        )
        journey = self._journey(self._step(template_id=template.id))
        lines = self._test_run(journey, self._member(name="Bad"))
        self.assertIn("ZeroDivisionError", lines.outcome)

    def test_a_tester_without_address_is_refused(self):
        wizard = self.env["journey.test.run"].create(
            {
                "definition_model": "test.journey",
                "definition_id": self._journey().id,
                "customer_id": self._member().id,
            }
        )
        wizard.tester_id.email = False
        with self.assertRaises(UserError):
            wizard.action_send()
