from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.customer_preference.tests.common import NOON
from odoo.addons.journey_engine.tests.mail_server import receiving

from .common import JourneyCommon
from .test_smtp import SmtpCase

RAISES = "<p t-out=\"1 / (0 if object.name == 'Poison' else 1)\"/>"


@tagged("post_install", "-at_install")
class TestBadData(JourneyCommon):
    """What one customer, template or condition spoils, it spoils for nobody else."""

    def _tries(self, runs, *hours):
        for hour in hours:
            self._process(hour)
        return self._states(runs)

    def test_a_template_that_fails_for_some_reaches_the_others(self):
        self.template.body_html = RAISES
        people = [self._member() for _n in range(4)]
        poisoned = [self._member(name="Poison") for _n in range(2)]
        journey = self._journey()
        good, bad = self._enrol(journey, *people), self._enrol(journey, *poisoned)
        self.assertEqual(self._tries(good, 0), [("queued", False)] * 4)
        self.assertEqual(self._states(bad), [("held", "render_error")] * 2)
        self.assertIn("ZeroDivisionError", bad.delivery_ids[0].error)
        self.assertFalse(bad.delivery_ids.mail_mail_id)
        self.assertEqual(self._tries(bad, 0.2), [("held", "render_error")] * 2)
        self.assertEqual(bad.mapped("attempts"), [1, 1])
        self._tries(bad, 0.25)
        self.assertEqual(bad.mapped("attempts"), [2, 2])
        self.assertEqual(self._tries(bad, 0.75), [("failed", "render_error")] * 2)
        self.assertEqual(bad.mapped("steps_completed"), [1, 1])
        self.assertEqual(bad.mapped("run_state"), ["running"] * 2)
        self.assertFalse(self.log.search([("customer_id", "in", bad.customer_id.ids)]))
        self.template.body_html = "<p>Mended</p>"
        second = self._tries(bad, 48)
        self.assertEqual(second.count(("queued", False)), 2)

    def test_who_has_no_address_is_passed_over(self):
        nowhere = self._member(email=False)
        wrong = self._member(email="no address at all")
        fine = self._member()
        journey = self._journey()
        runs = self._enrol(journey, nowhere, wrong, fine)
        self._process()
        found = {d.customer_id: (d.state, d.reason) for d in runs.delivery_ids}
        self.assertEqual(found[nowhere], ("skipped", "no_address"))
        self.assertEqual(found[wrong], ("skipped", "invalid_address"))
        self.assertEqual(found[fine], ("queued", False))
        self.assertEqual(runs.mapped("steps_completed"), [1, 1, 1])

    def test_an_archived_template_has_nothing_to_say(self):
        runs = self._enrol(self._journey(), self._member())
        self.template.active = False
        self.assertEqual(self._tries(runs, 0, 48), [("skipped", "no_content")] * 2)
        self.assertEqual(runs.run_state, "done")

    def test_a_template_in_use_cannot_be_deleted(self):
        runs = self._enrol(self._journey(), self._member())
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.template.unlink()
        self.assertEqual(self._tries(runs, 0), [("queued", False)])

    def test_nobody_is_showered_after_a_pause(self):
        journey = self._journey(
            *(self._step(24 * day) for day in range(5)), category="transactional"
        )
        people = [self._member() for _n in range(200)]
        runs = self._enrol(journey, *people)
        self._process(0)
        pause = timedelta(days=20)
        with freeze_time(NOON + timedelta(hours=12)):
            journey.action_stop()
        self.assertEqual(self._process(24 * 15), 0)
        with freeze_time(NOON + timedelta(hours=12) + pause):
            journey.action_start()
        self.env.invalidate_all()
        self.assertEqual(set(runs.mapped("anchor_at")), {NOON + pause})
        after = 24 * pause.days
        self.assertEqual(self._process(after + 23), 0)
        for day in range(1, 5):
            self.assertEqual(self._process(after + 24 * day), 200)
            self.assertEqual(self._process(after + 24 * day), 0)
        self.assertEqual(set(runs.mapped("run_state")), {"done"})
        self.assertEqual(len(runs.delivery_ids), 1000)

    def test_an_unknown_field_is_no_condition(self):
        for condition in ("[('no_such', '=', 1)]", "[(", "[('id', '??', 1)]", "x"):
            with self.subTest(condition), self.assertRaises(ValidationError):
                self._journey(self._step(condition=condition))
            with self.subTest(condition), self.assertRaises(ValidationError):
                self._journey(exit_condition=condition)

    def _spoil(self, records, name):
        """What an uninstalled addon leaves behind."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                SQL.identifier(name),
                "[('no_such', '=', 1)]",
                records.ids,
            )
        )
        self.env.invalidate_all()

    def test_a_condition_that_became_invalid_stops_nobody_else(self):
        spoiled = self._journey(self._step(condition="[]"))
        fine = self._journey()
        bad = self._enrol(spoiled, self._member())
        good = self._enrol(fine, self._member())
        self._spoil(bad.step_id, "condition")
        self._process()
        self.assertEqual(self._states(good), [("queued", False)])
        self.assertEqual(self._states(bad), [("held", "render_error")])
        self.assertIn("no_such", bad.delivery_ids.error)

    def test_an_exit_condition_that_became_invalid_stops_nobody_else(self):
        spoiled = self._journey(exit_condition="[('total_orders', '>', 99)]")
        bad = self._enrol(spoiled, self._member())
        good = self._enrol(self._journey(), self._member())
        self._spoil(spoiled, "exit_condition")
        self._process()
        self.assertEqual(self._states(good), [("queued", False)])
        self.assertEqual(self._states(bad), [("held", "render_error")])

    def test_a_goal_that_became_invalid_stops_nobody_else(self):
        spoiled = self._journey(goal="orders")
        bad = self._enrol(spoiled, self._member())
        good = self._enrol(self._journey(), self._member())
        self._spoil(spoiled, "goal_domain")
        self._process()
        self.assertEqual(self._states(good), [("queued", False)])
        self.assertEqual(self._states(bad), [("held", "render_error")])

    def test_a_goal_that_became_invalid_does_not_stop_the_queue(self):
        spoiled = self._journey(goal="orders")
        runs = self._enrol(spoiled, self._member())
        self._process()
        self._spoil(spoiled, "goal_domain")
        with mute_logger("odoo.addons.journey_engine.models.journey_definition_mixin"):
            self.assertFalse(self.scheduler._stopped(runs.delivery_ids, NOON))

    def test_a_company_without_an_address_sends_in_the_name_of_the_platform(self):
        self.shop.email = False
        runs = self._enrol(self._journey(), self._member())
        self._process()
        self.assertEqual(runs.delivery_ids.state, "queued")
        mail = runs.delivery_ids.mail_mail_id
        self.assertEqual(mail.state, "outgoing")

    def test_an_error_of_the_engine_itself_is_noted_on_each(self):
        runs = self._enrol(self._journey(), self._member(), self._member())
        renderer = self.env.registry["journey.renderer"]
        with patch.object(renderer, "_prepare_source", side_effect=ValueError("Ouch")):
            self._process()
        self.assertEqual(self._states(runs), [("held", "render_error")] * 2)


@tagged("post_install", "-at_install")
class TestNames(SmtpCase):
    """What customers call themselves is text, wherever it ends up."""

    NAMES = (
        "{{ 7*7 }}",
        "<t t-out='7*7'/>",
        "Eve\r\nBcc: x@evil.example",
        "<script>alert(1)</script>",
        '"Eve" <eve@evil.example>, ',
    )

    def test_names_are_text(self):
        self.template.write({"body_html": "<p>Dear <t t-out='object.name'/></p>"})
        people = [self._member(name=name) for name in self.NAMES]
        _runs, messages = self._delivered(*people)
        self.assertEqual(len(messages), len(people))
        for message in messages:
            body = message.get_body(("html",)).get_content()
            self.assertNotIn("49", message["Subject"])
            self.assertNotIn("Dear 49", body)
            self.assertNotIn("<script", body)
            self.assertIsNone(message["Bcc"])
            self.assertEqual(len(message.get_all("To")), 1)
            self.assertEqual(len(message["To"].addresses), 1)
        subjects = {message["Subject"] for message in messages}
        self.assertIn("Milk for {{ 7*7 }}", subjects)
        self.assertIn("Milk for <t t-out='7*7'/>", subjects)

    def test_each_mail_goes_to_its_customer_alone(self):
        people = [self._member(name=name) for name in self.NAMES]
        with receiving() as (port, inbox):
            self._server(port)
            self._queued(*people)
            self._send_queue()
        self.assertEqual(
            sorted(to for to, _message in inbox.messages),
            sorted([person.email] for person in people),
        )
