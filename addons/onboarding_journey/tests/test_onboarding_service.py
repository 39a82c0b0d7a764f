import xmlrpc.client
from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import OnboardingCommon

LOGGER = "odoo.addons.onboarding_journey.models.onboarding_service"


@tagged("post_install", "-at_install")
class TestOnboardingService(OnboardingCommon):
    """The external API, in the words of integrators."""

    def _start(self, person, code=None):
        with self._at(0):
            return self.onboarding.start_onboarding(person.id, code)

    def test_the_running_one_is_returned(self):
        journey = self._journey(self._task())
        person = self._member()
        first = self._start(person)
        self.assertTrue(first["created"])
        again = self._start(person)
        self.assertEqual(again["onboarding_id"], first["onboarding_id"])
        self.assertFalse(again["created"])
        by_code = self._start(person, journey.code)
        self.assertEqual(by_code["onboarding_id"], first["onboarding_id"])
        contact = self._create_customer(parent_id=person.id)
        self.assertEqual(self._start(contact)["onboarding_id"], first["onboarding_id"])

    def test_no_journey_is_false_and_a_warning(self):
        with self.assertLogs(LOGGER, "WARNING"):
            self.assertIs(self._start(self._member()), False)

    def test_who_has_been_through_may_not_begin_again(self):
        self._journey(self._task())
        person = self._member()
        self._start(person)
        with self._at(1):
            self.onboarding.complete_step(person.id, "tick")
        found = self._start(person)
        self.assertEqual((found["onboarding_id"], found["reason"]), (False, "reentry"))

    def test_progress(self):
        journey = self._journey(
            self._mail(), self._milestone("two", "order_count >= 2"), self._tutorial()
        )
        person = self._member()
        self.assertIs(self.onboarding.get_progress(person.id), False)
        self._start(person)
        self._process(0)
        self._buys(person, 1)
        with self._at(2):
            found = self.onboarding.get_progress(person.id)
        self.assertEqual(found["journey"], journey.code)
        self.assertEqual(found["status"], "in_progress")
        self.assertEqual(found["current_step_index"], 1)
        self.assertEqual(found["total_steps"], 3)
        self.assertEqual(found["completed_steps"], ["hello"])
        self.assertAlmostEqual(found["completion_rate"], 100 / 3)
        expires = (NOON + timedelta(days=30)).isoformat()
        self.assertEqual(found["expires_at"], expires)
        milestone = found["steps"][1]
        self.assertEqual(milestone["target"], "order_count >= 2")
        self.assertEqual(milestone["milestone_value"], 1)
        for value in (found, self.onboarding.get_stats(), self._start(person)):
            xmlrpc.client.dumps((value,))

    def test_milestones_by_call(self):
        journey = self._journey(
            self._milestone(),
            self._milestone("login", "app_login >= 3"),
        )
        person = self._member()
        self._start(person)
        self._process(0)
        with self._at(1):
            handle = self.onboarding.handle_milestone
            # Nobody talks an order into being.
            self.assertEqual(handle(person.id, "order_count", 5), [])
            self.assertEqual(handle(person.id, "app_login"), [])
            self.assertEqual(handle(person.id, "app_login", 3), ["login"])
            self.assertEqual(handle(person.id, "app_login", 3), [])
        run = self.runs.search([("journey_id", "=", journey.id)])
        row = run.completion_ids.filtered(lambda r: r.step_id == "login")
        self.assertEqual(row.milestone_value, 3)

    def test_bad_arguments_are_named(self):
        self._journey(self._task(), self._tutorial(is_optional=True))
        person, other = self._member(), self._member()
        self._start(person)
        service = self.onboarding
        for method, arguments, words in (
            ("start_onboarding", (0,), "customer_id"),
            ("start_onboarding", ("7",), "customer_id"),
            ("start_onboarding", (2**31 - 1,), "customer_id"),
            ("start_onboarding", (person.id, "nope"), "journey_code"),
            ("complete_step", (person.id, "nope"), "tick, learn"),
            ("complete_step", (person.id, 5), "tick, learn"),
            ("complete_step", (other.id, "tick"), "customer_id"),
            ("complete_step", (person.id, "learn", "x"), "data"),
            ("complete_step", (person.id, "learn", {"colour": 1}), "colour"),
            (
                "complete_step",
                (person.id, "learn", {"time_spent_seconds": -1}),
                "data.time_spent_seconds",
            ),
            (
                "complete_step",
                (person.id, "learn", {"time_spent_seconds": "9"}),
                "data.time_spent_seconds",
            ),
            ("skip_step", (person.id, "learn", 5), "reason"),
            ("handle_milestone", (person.id, "likes"), "order_count"),
            ("handle_milestone", (person.id, "app_login", -1), "value"),
            ("handle_milestone", (person.id, "app_login", "many"), "value"),
            ("get_progress", (False,), "customer_id"),
            ("get_stats", ("nope",), "journey_code"),
        ):
            with (
                self.subTest(method=method, arguments=arguments),
                self.assertRaises(ValidationError) as caught,
            ):
                getattr(service, method)(*arguments)
            self.assertIn(words, str(caught.exception))

    def test_no_look_lasts_longer_than_an_hour(self):
        self._journey(self._tutorial(), self._task())
        person = self._member()
        self._start(person)
        data = {"time_spent_seconds": 10**9, "content_viewed": True}
        with self._at(1):
            self.onboarding.complete_step(person.id, "learn", data)
            found = self.onboarding.get_progress(person.id)["steps"][0]
        self.assertEqual(found["time_spent_seconds"], 3600)
        self.assertEqual((found["content_viewed"], found["status"]), (1, "completed"))

    def test_a_journey_that_is_off_lets_nobody_in(self):
        journey = self._journey(self._task(), start=False)
        with self.assertRaisesRegex(ValidationError, "switched off"):
            self._start(self._member(), journey.code)

    def test_an_addon_registers_a_metric(self):
        metrics = type(self.env["onboarding.metric"])
        known = metrics._metrics

        def more(model):
            return {**known(model), "name_length": "Letters"}

        def query(model, customers, company, now):
            from odoo.tools import SQL

            return SQL(
                "SELECT id AS customer_id, length(name) AS value FROM res_partner"
                " WHERE id = ANY(%s)",
                list(customers),
            )

        self.patch(metrics, "_metrics", more)
        metrics._query_name_length = query
        self.addCleanup(delattr, metrics, "_query_name_length")
        journey = self._journey(self._milestone(target="name_length > 3"))
        person = self._member(name="Abcdef")
        run = self._enrol(journey, person)
        self._process(0)
        self.assertEqual(run.completion_ids.milestone_value, 6)
