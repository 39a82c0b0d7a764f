from odoo.exceptions import AccessError, ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import OnboardingCommon


@tagged("post_install", "-at_install")
class TestOnboardingEdges(OnboardingCommon):
    """Steps that became something else, and journeys that are for others."""

    def test_a_step_of_another_type_reads_back(self):
        journey = self._journey(
            self._mail("a"),
            self._mail("b"),
            self._tutorial("c"),
            self._milestone("d"),
            start=False,
        )
        kinds = {"a": "push", "b": "sms", "c": "task", "d": "task"}
        for step in journey.step_ids:
            step.write({"type": kinds[step.code], "body": "Milk"})
        steps = journey.read(["steps"])[0]["steps"]
        self.assertEqual({step["id"]: step["type"] for step in steps}, kinds)
        self.assertFalse({"template_id", "content_id", "target"} & set().union(*steps))
        journey.steps = steps
        self.assertEqual(journey.read(["steps"])[0]["steps"], steps)

    def test_a_journey_that_runs_keeps_its_steps(self):
        journey = self._journey(self._task(), self._mail("late", 2))
        run = self._enrol(journey, self._member())
        for values in ({"steps": []}, {"steps": "[]"}, {"step_ids": [(5,)]}):
            with (
                self.subTest(values=str(values)),
                self.assertRaisesRegex(ValidationError, "no steps"),
                self.env.cr.savepoint(),
            ):
                journey.write(values)
        # Deleted one by one, nobody enters, and who is under way goes on.
        journey.step_ids.unlink()
        self.assertFalse(self._enrol(journey, self._member()))
        self._process(3)
        self.assertEqual(self._states(run), {"tick": "pending", "late": "completed"})
        journey.action_stop()
        with self.assertRaisesRegex(ValidationError, "no steps"):
            journey.action_start()

    def test_codes_of_the_journeys_own_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "_closing"):
            self._journey(self._task("_closing"))

    def test_targets_read_back_whatever_their_size(self):
        for number in ("0.00001", "99.5", "1000000000000", "123456789.125"):
            target = f"total_spend >= {number}"
            journey = self._journey(self._milestone(target=target), start=False)
            steps = journey.read(["steps"])[0]["steps"]
            self.assertEqual(steps[0]["target"], target)
            journey.steps = steps
            self.assertEqual(journey.read(["steps"])[0]["steps"], steps)

    def test_what_a_colleague_noted_is_forgotten_with_the_person(self):
        person = self._member()
        run = self._enrol(self._journey(self._task("a"), self._task("b")), person)
        with self._at(1):
            run.skip_step("a", "Rahima has no phone")
            run.skip_step("b")
        self.engine.sudo()._anonymize_customer(person)
        run.completion_ids.invalidate_recordset()
        self.assertEqual(run.completion_ids.mapped("reason"), [False, "by_hand"])

    def test_customers_begin_what_is_for_them(self):
        standard = self._journey(self._task())
        premium = self._journey(self._task(), journey_type="premium")
        user = self._portal_user("ob_chooser")
        service = self.onboarding.with_user(user)
        for code in (premium.code, "nope", 5, [premium.code]):
            with self.assertRaises(AccessError) as caught:
                service.start_onboarding(user.partner_id.id, code)
            self.assertNotIn(premium.code, str(caught.exception))
        found = service.start_onboarding(user.partner_id.id, standard.code)
        self.assertTrue(found["created"])
        walk = self._enrol(premium, user.partner_id)
        self.assertTrue(walk)
        again = service.start_onboarding(user.partner_id.id, premium.code)
        self.assertEqual(again["onboarding_id"], walk.id)


@tagged("post_install", "-at_install")
class TestOnboardingPageEdges(HttpCase, OnboardingCommon):
    def test_files_are_no_numbers(self):
        user = self._portal_user("ob_files", password="ob_files_ob_files")
        run = self._enrol(self._journey(self._tutorial()), user.partner_id)
        self.authenticate("ob_files", "ob_files_ob_files")
        token = Request.csrf_token(self)
        row = str(run.completion_ids.id)
        for files in (
            {"row": ("a", b"1"), "seconds": (None, "1")},
            {"row": (None, row), "seconds": ("a", b"1")},
        ):
            page = self.url_open(
                "/my/onboarding/seen", data={"csrf_token": token}, files=files
            )
            self.assertEqual(page.status_code, 400)
