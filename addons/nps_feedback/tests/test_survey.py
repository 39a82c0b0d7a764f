import json
from contextlib import contextmanager

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import FeedbackCommon

EXAMPLES = {
    "post_order": {"delay_hours": 24, "sample_percent": 100},
    "periodic": {"every_days": 90},
    "milestone": {"order_count": 5},
}


@tagged("post_install", "-at_install")
class TestSurvey(FeedbackCommon):
    """What a survey is, as records and as JSON."""

    @contextmanager
    def _refused(self, *words):
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            yield
            self.env.flush_all()
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_examples_of_the_contract_load_and_read_back(self):
        for kind, config in EXAMPLES.items():
            for given in (config, json.dumps(config)):
                with self.subTest(kind=kind, given=type(given).__name__):
                    survey = self._survey(kind, given, start=False)
                    self.assertEqual(
                        survey.read(["trigger_config"])[0]["trigger_config"], config
                    )

    def test_bad_config_is_refused_by_name(self):
        survey = self._survey("periodic", start=False)
        cases = [
            ({"every_days": 0}, "trigger_config.every_days", "1 to 3650"),
            ({"every_days": 1.5}, "trigger_config.every_days", "1.5"),
            ({"every_days": "9"}, "trigger_config.every_days", "'9'"),
            ({"sample_percent": 101}, "sample_percent", "0 to 100"),
            ({"sample_percent": True}, "sample_percent", "True"),
            ({"order_count": 5}, "'order_count'", "every_days, sample_percent"),
            ({"delay": 5}, "'delay'", "every_days, sample_percent"),
            ("{", "trigger_config", "JSON"),
            ([], "trigger_config", "object"),
        ]
        for config, *words in cases:
            with self.subTest(config=config), self._refused(*words):
                survey.trigger_config = config
        self.assertEqual(survey.trigger_config, {"every_days": 90})

    def test_numbers_out_of_range_are_refused(self):
        for name, value in (
            ("cooldown_days", -1),
            ("valid_days", 0),
            ("reminder_days", 61),
            ("delay_hours", -1),
            ("sample_percent", float("nan")),
        ):
            with self.subTest(name=name), self._refused(name):
                self._survey(start=False, **{name: value})

    def test_a_code_is_unique_in_its_company(self):
        survey = self._survey(start=False)
        with self.assertRaises(Exception) as caught, self.cr.savepoint():
            self._survey(start=False, code=survey.code)
        self.assertIn("nps_survey_code_uniq", str(caught.exception))

    def test_scripts_are_no_addresses(self):
        with self._refused("share_url", "https://"):
            self._survey(start=False, share_url="javascript:alert(1)")

    def test_the_audience_is_a_condition_that_can_be_asked(self):
        with self._refused("target_domain"):
            self._survey(start=False, target_domain="[('cow', '=', 1)]")

    def test_a_survey_is_over_with_its_answer_and_nothing_else(self):
        survey = self._survey(start=False)
        self.assertEqual((survey.goal, survey.goal_event), ("event", "survey_answered"))
        for values in (
            {"goal": "none"},
            {"goal": "order"},
            {"goal": "orders", "goal_domain": "[('amount_total', '>', 5)]"},
            {"goal_event": "order_confirmed"},
            {"goal_event": False},
        ):
            name = "goal_event" if "goal_event" in values else "goal"
            words = (f"({name}):", "event" if name == "goal" else "survey_answered")
            with self.subTest(how="create", **values), self._refused(*words):
                self._survey(start=False, **values)
            with self.subTest(how="write", **values), self._refused(*words):
                survey.write(values)

    # ----------------------------------------------------------------------- steps
    def _steps(self, survey):
        return [(s.code, s.kind, s.channel, s.delay_hours) for s in survey.step_ids]

    def test_steps_follow_the_fields(self):
        survey = self._survey(start=False, reminder_days=3)
        question = ("ask", "message", "email", 0)
        self.assertEqual(
            self._steps(survey), [question, ("remind", "message", "email", 72)]
        )
        survey.reminder_days = 0
        self.assertEqual(self._steps(survey), [question])
        survey.write({"channel": "sms", "reminder_days": 1})
        self.assertEqual(
            self._steps(survey),
            [("ask", "message", "sms", 0), ("remind", "message", "sms", 24)],
        )
        survey.channel = "website"
        self.assertEqual([step.kind for step in survey.step_ids], ["wait"])

    def test_a_text_without_the_link_asks_nobody(self):
        with self._refused("message_body", "run.answer_link"):
            self._survey(start=False, channel="sms", message_body="How are we?")

    def test_a_survey_can_be_created_switched_on(self):
        survey = self._survey(start=False, is_active=True)
        self.assertTrue(survey.is_active)
        self.assertTrue(survey.version_id)

    def test_a_copy_has_steps_of_its_own(self):
        survey = self._survey(reminder_days=2)
        copy = survey.copy()
        self.assertFalse(copy.is_active)
        self.assertEqual(self._steps(copy), self._steps(survey))
        self.assertFalse(copy.step_ids & survey.step_ids)

    def test_surveys_that_were_walked_are_archived_not_deleted(self):
        survey = self._survey()
        self._asks(survey, self._member())
        with self.assertRaises(UserError):
            survey.unlink()
        survey.active = False
        self.assertFalse(survey.is_active)

    # --------------------------------------------------------------------- shipped
    def test_each_company_gets_the_surveys_switched_off(self):
        codes = {"post_delivery", "relationship", "fifth_order", "after_checkout"}
        main = self.surveys.search(
            [("company_id", "=", self.env.ref("base.main_company").id)]
        )
        self.assertTrue(codes <= set(main.mapped("code")))
        self.surveys.with_company(self.shop).action_load_surveys()
        mine = self.surveys.search(
            [("company_id", "=", self.shop.id), ("code", "in", list(codes))]
        )
        self.assertEqual(set(mine.mapped("code")), codes)
        self.assertFalse(any(mine.mapped("is_active")))
        self.assertTrue(all(mine.mapped("step_ids")))

    def test_a_survey_of_deliveries_needs_who_tells_of_them(self):
        if "first_delivery_date" in self.lifecycle._fields:
            self.assertTrue(self._survey("post_delivery").is_active)
            return
        with self._refused("trigger_type", "customer_lifecycle_stock"):
            self._survey("post_delivery")

    def test_the_sentence_says_when(self):
        survey = self._survey(
            "milestone", {"order_count": 7, "sample_percent": 25}, start=False
        )
        self.assertEqual(
            survey.trigger_sentence, "After order number 7, 25 % of the customers"
        )
