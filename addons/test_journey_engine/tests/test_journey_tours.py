from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tests.pictures import PageCase


@tagged("post_install", "-at_install")
class TestJourneyTours(PageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.lifecycle"].search([("id", ">", 0)]).unlink()
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Milk",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "Milk for {{ object.name }}",
                "body_html": "<p>Dear <t t-out='object.name'/></p>",
            }
        )
        names = ("Karim Agrees", "Rahima Agrees", "Salma Silent")
        cls.people = cls.env["res.partner"].create(
            [{"name": n, "email": f"{n.split()[0]}@example.com"} for n in names]
        )
        cls.env.company.email = "shop@example.com"
        cls.env.ref("base.user_admin").email = "admin@example.com"
        cls.env.company.email_consent_default = "opt_in"
        # The clock is the real one: what goes out must not depend on the hour.
        cls.env.company.write({"quiet_hours_start": 0, "quiet_hours_end": 0})
        for person in cls.people[:2]:
            cls.env["customer.consent"]._record(
                person, "email", "granted", None, source="staff"
            )
        now = fields.Datetime.now()
        cls.env["customer.lifecycle"]._ensure(cls.people, cls.env.company, now)
        cls.journey = cls._create_journey()

    @classmethod
    def _create_journey(cls):
        return cls.env["test.journey"].create(
            {
                "name": "Milk for everybody",
                "code": "tour",
                "step_ids": [
                    Command.create({"name": "Hello", "template_id": cls.template.id}),
                    Command.create(
                        {
                            "name": "Again",
                            "sequence": 20,
                            "delay_hours": 30,
                            "template_id": cls.template.id,
                        }
                    ),
                ],
            }
        )

    def test_a_dry_run_is_played_in_the_form(self):
        self.start_tour("/odoo/test-journeys", "journey_dry_run", login="admin")

    def test_a_test_run_reaches_the_tester_alone(self):
        self.start_tour("/odoo/test-journeys", "journey_test_run", login="admin")
        mails = self.env["mail.mail"].search([("subject", "like", "[Test]")])
        self.assertEqual(len(mails), 2)
        self.assertIn(
            self.env.ref("base.user_admin").email_normalized, mails[0].email_to
        )
        self.assertFalse(mails.mailing_id)
        self.assertFalse(
            self.env["journey.delivery"].search(
                [("customer_id", "in", self.people.ids)]
            )
        )

    def test_the_log_tells_what_was_sent_and_what_not(self):
        self._sent()
        self.start_tour("/odoo/journey-deliveries", "journey_deliveries", login="admin")
        self._look_at_deliveries(".o_data_row")

    def _sent(self):
        self.journey.action_start()
        now = fields.Datetime.now().replace(hour=12)
        ids = self.people.ids
        self.journey._enrol(
            SQL("l.customer_id = ANY(%s)", ids), now - timedelta(hours=1)
        )
        self.env["journey.scheduler"].process_due(now)

    def _look_at_deliveries(self, row):
        self._look("journey-deliveries", "/odoo/journey-deliveries", row, "admin")
        delivery = self.env["journey.delivery"].search(
            [("customer_id", "=", self.people[2].id)]
        )
        self._look(
            "journey-delivery",
            f"/odoo/journey-deliveries/{delivery.id}",
            ".o_form_view .alert",
            "admin",
        )

    def test_pictures_of_a_dry_run(self):
        # A dry run is shown to who made it.
        runs = self.env["journey.dry.run"].with_user(self.env.ref("base.user_admin"))
        wizard = runs.create(
            {"definition_model": "test.journey", "definition_id": self.journey.id}
        )
        wizard.action_play()
        self.env.cr.flush()
        self._look(
            "journey-dry-run",
            f"/odoo/journey.dry.run/{wizard.id}",
            ".o_data_row",
            "admin",
        )


@tagged("post_install", "-at_install")
class TestJourneyPagesPhone(TestJourneyTours):
    """The same pages on a phone."""

    browser_size = "390x844"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True

    def test_a_dry_run_is_played_in_the_form(self):
        self.skipTest("tours click what a desktop shows")

    def test_a_test_run_reaches_the_tester_alone(self):
        self.skipTest("tours click what a desktop shows")

    def test_the_log_tells_what_was_sent_and_what_not(self):
        self._sent()
        self._look_at_deliveries(".o_kanban_record, .o_data_row")
