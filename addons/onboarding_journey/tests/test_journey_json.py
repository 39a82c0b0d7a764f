import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.onboarding_journey.tools.target import parse_target, write_target

from .common import OnboardingCommon

EXAMPLE = [
    {"id": "welcome", "name": "Welcome", "type": "email", "delay_hours": 0},
    {
        "id": "first_order",
        "name": "First Order",
        "type": "milestone",
        "target": "order_count >= 1",
    },
    {
        "id": "tutorial_1",
        "name": "Product Tutorial",
        "type": "content",
        "content_id": 1,
    },
]


@tagged("post_install", "-at_install")
class TestJourneyJson(OnboardingCommon):
    """Journeys as JSON, and what is refused."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The example names the first tutorial, which is the one that ships.
        first = cls.env["onboarding.content"].search([], order="id", limit=1)
        cls.example = [dict(step) for step in EXAMPLE]
        cls.example[2]["content_id"] = first.id

    def test_the_example_loads_and_reads_back_verbatim(self):
        for value in (self.example, json.dumps(self.example)):
            journey = self._journey(start=False)
            journey.steps = value
            journey.invalidate_recordset()
            self.assertEqual(journey.steps, self.example)
            self.assertEqual(journey.get_steps(), self.example)
            self.assertEqual(journey.read(["steps"])[0]["steps"], self.example)
            self.assertEqual(journey.total_steps, 3)

    def test_an_empty_list_reads_back_as_such(self):
        journey = self._journey(start=False)
        self.assertEqual(journey.steps, [])

    def test_every_key_reads_back(self):
        sms = self.env["sms.template"].create(
            {
                "name": "Hi",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Hi",
            }
        )
        steps = [
            self._mail("mail", 2, condition=[["total_orders", "=", 0]]),
            {"id": "note", "type": "push", "delay_hours": 3.5, "title": "Hi",
             "body": "There", "link": "/shop"},
            {"id": "text", "type": "sms", "delay_hours": 4, "template_id": sms.id},
            self._task(name="Tick me", is_optional=True, body="Now", link="/shop"),
            self._milestone("spend", "total_spend > 99.5", is_blocking=True),
        ]  # fmt: skip
        journey = self._journey(*steps, start=False)
        journey.invalidate_recordset()
        self.assertEqual(journey.steps, steps)

    def test_a_step_of_the_same_id_stays(self):
        journey = self._journey(self._mail(), self._task(), start=False)
        kept = journey.step_ids.filtered(lambda s: s.code == "tick")
        journey.steps = [self._task(name="New"), self._milestone()]
        self.assertEqual(journey.step_ids.sorted("sequence")[0], kept)
        self.assertEqual(journey.step_ids.mapped("code"), ["tick", "first"])

    def test_what_is_wrong_is_named(self):
        for step, words in (
            ("no list", "steps"),
            ([5], "steps[0]"),
            ([{"type": "email"}], "id is missing"),
            ([{"id": "a"}], "type is missing"),
            ([{"id": "a", "type": "fax"}], "email, push, sms, content"),
            ([{"id": "a", "type": "wait"}], "email, push, sms, content"),
            ([{"id": "a", "type": "task", "colour": 1}], "colour"),
            ([{"id": "a", "type": "task", "target": "order_count > 1"}], "target"),
            ([{"id": "a", "type": "milestone"}], "target is missing"),
            ([{"id": "a", "type": "content"}], "content_id is missing"),
            ([{"id": "a", "type": "content", "content_id": 2**30}], "content_id"),
            ([{"id": "a", "type": "email", "delay_hours": -1}], "delay_hours"),
            ([{"id": "a", "type": "task"}, {"id": "a", "type": "task"}], "steps[1].id"),
            (
                [self._milestone("a") | {"milestone_type": "total_spend"}],
                "milestone_type",
            ),
        ):
            journey = self._journey(self._task("old"), start=False)
            with self.subTest(step=step), self.assertRaises(ValidationError) as caught:
                journey.steps = step
            self.assertIn(words, str(caught.exception))
            journey.invalidate_recordset()
            self.assertEqual(journey.step_ids.mapped("code"), ["old"])

    def test_targets_are_parsed_and_never_evaluated(self):
        for text in (
            "",
            "order_count",
            "order_count >= ",
            "order_count >= x",
            "order_count => 1",
            "order_count != 1",
            "order_count >= 1; drop",
            "order_count >= -1",
            "order_count >= nan",
            "order_count >= 1e400",
            "order_count >= 9999999999999999",
            "__import__('os').system('x') >= 1",
            "no_such_metric >= 1",
            None,
            7,
        ):
            with self.subTest(text=text), self.assertRaises(ValidationError) as caught:
                self._journey(self._milestone(target=text), start=False)
            for part in ("steps[0].target", "order_count", ">="):
                self.assertIn(part, str(caught.exception))
        for text in ("order_count>=1", " app_login == 3 ", "total_spend < 0.5"):
            metric, operator, number = parse_target(text)
            written = write_target(metric, operator, number)
            self.assertEqual(parse_target(written), (metric, operator, number))

    def test_the_form_keeps_type_and_kind_together(self):
        journey = self._journey(start=False)
        step = self.env["onboarding.journey.step"].create(
            {"definition_id": journey.id, "code": "a", "type": "task"}
        )
        self.assertEqual(step.kind, "task")
        step.type = "sms"
        self.assertEqual((step.kind, step.channel), ("message", "sms"))
        step.write({"kind": "milestone", "target": "total_spend >= 5"})
        self.assertEqual((step.type, step.milestone_type), ("milestone", "total_spend"))
        with self.assertRaisesRegex(ValidationError, "target"):
            step.target = "total_spend"
        with self.assertRaisesRegex(ValidationError, "type"):
            step.write({"kind": "message", "channel": "activity"})

    def test_a_journey_without_steps_does_not_start(self):
        journey = self._journey(start=False)
        with self.assertRaisesRegex(UserError, "no steps"):
            journey.action_start()

    def test_bounds_of_the_duration(self):
        for days in (0, -1, 1096):
            with self.assertRaisesRegex(ValidationError, "max_duration_days"):
                self._journey(self._task(), start=False, max_duration_days=days)

    def test_a_bare_mail_gets_the_general_text(self):
        journey = self._journey({"id": "welcome", "type": "email"})
        self.assertEqual(journey.step_ids.template_id, self.template)
        self.assertTrue(journey.is_active)

    def test_the_shipped_journey(self):
        journey = self.env.ref("onboarding_journey.journey_welcome").sudo()
        self.assertEqual(
            [(s["id"], s["type"]) for s in journey.steps],
            [
                ("welcome", "email"),
                ("profile", "milestone"),
                ("tutorial", "content"),
                ("first_order", "milestone"),
                ("second_order", "milestone"),
            ],
        )
        self.assertEqual(journey.exclusive_group, "welcome")
        self.assertEqual(journey.category, "service")
        copied = journey._copy_to(self.shop)
        self.assertEqual(copied.steps, journey.steps)
        self.assertEqual(copied.company_id, self.shop)

    def test_a_copy_has_its_own_steps(self):
        journey = self._journey(self._mail(), self._tutorial(), self._milestone())
        copied = journey.copy()
        self.assertEqual(copied.steps, journey.steps)
        self.assertFalse(copied.step_ids & journey.step_ids)

    def test_tutorials_are_checked(self):
        with self.assertRaisesRegex(ValidationError, "video"):
            self.content.video = "https://example.com/film"
        self.content.video = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
        self.assertIn("iframe", self.content.video_code)
        with self.assertRaisesRegex(ValidationError, "estimated_seconds"):
            self.content.estimated_seconds = -1
        other = self._create_company()
        self.content.company_id = other
        with self.assertRaisesRegex(ValidationError, "content_id"):
            self._journey(self._tutorial(), start=False)

    def test_a_new_journey_by_hand(self):
        with Form(self.journeys) as form:
            form.name = "My Own Journey"
        self.assertEqual(form.record.code, "my_own_journey")

    def test_a_milestone_says_its_target_in_words(self):
        wanted = {
            "order_count >= 2": "Orders: at least 2",
            "total_spend > 99.5": "Money spent: more than 99.5",
            "app_login == 3": "Days with a login: exactly 3",
            "profile_complete >= 1": "Profile filled in: at least 100%",
            "profile_complete >= 0.6": "Profile filled in: at least 60%",
        }
        for target, words in wanted.items():
            with self.subTest(target=target):
                journey = self._journey(self._milestone(target=target), start=False)
                self.assertEqual(journey.step_ids.preview, words)

    def test_a_new_milestone_is_the_first_order(self):
        journey = self._journey(self._task(), start=False)
        steps = self.env["onboarding.journey.step"]
        view = "onboarding_journey.onboarding_journey_step_view_form"
        form = Form(steps.with_context(default_definition_id=journey.id), view)
        form.name = "First order"
        self.assertFalse(form.milestone_type)
        form.type = "milestone"
        self.assertEqual(form.save().target, "order_count >= 1")
        form = Form(form.record, view)
        form.milestone_type = "total_spend"
        form.type = "task"
        form.type = "milestone"
        self.assertEqual(form.milestone_type, "total_spend")
