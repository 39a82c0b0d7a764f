import re

from odoo.tests import tagged

from .page_common import OnboardingPortalCase


@tagged("post_install", "-at_install")
class TestPortal(OnboardingPortalCase):
    """What customers see and do in their account."""

    def _get(self, page=""):
        return self.url_open(f"/my/onboarding{page}")

    def _post(self, page, **values):
        text = self._get().text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', text)[1]
        values["csrf_token"] = token
        found = self.url_open(f"/my/onboarding{page}", data=values)
        self.env.invalidate_all()
        return found

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def test_the_page_tells_how_far_one_is(self):
        self._login(self.user)
        text = self._get().text
        for part in ("Welcome to the dairy", "Your details", "Tell us your day"):
            self.assertIn(part, text)
        # What we send is no work of the customer's.
        self.assertNotIn('data-step="hello"', text)
        self.assertRegex(text, r'aria-valuenow="17"')
        self.assertIn("Welcome to the dairy", self.url_open("/my").text)

    def test_nothing_to_do(self):
        self._login(self.fresh)
        self.assertIn("Nothing to do here", self._get().text)
        self.assertNotIn("o_onboarding_card", self.url_open("/my").text)
        self.assertEqual(self._get("/1").status_code, 404)

    def test_a_task_is_ticked_by_post_alone(self):
        self._login(self.user)
        for page in ("/done", "/skip", "/seen"):
            self.assertIn(self._get(page).status_code, (404, 405))
        found = self.url_open("/my/onboarding/done", data={"step": "tick"})
        self.assertEqual(found.status_code, 400)
        self.assertEqual(self._of("tick").status, "pending")
        self._post("/done", step="tick")
        self.assertEqual(self._of("tick").status, "completed")
        self.assertEqual(self._of("tick", self.foreign).status, "pending")

    def test_what_is_not_there_or_not_optional_is_told(self):
        self._login(self.user)
        self.assertIn("learn", self._post("/skip", step="tick").text)
        self.assertIn("alert-danger", self._post("/done", step="nope").text)
        self._post("/done", step="first")
        self.assertEqual(self._of("first").status, "pending")
        self._post("/skip", step="learn")
        self.assertEqual(self._of("learn").status, "skipped")

    def test_a_tutorial_is_read(self):
        row = self._of("learn")
        self._login(self.user)
        self.assertIn("Easily.", self._get(f"/{row.id}").text)
        self.assertEqual(self._get(f"/{self._of('tick').id}").status_code, 404)
        foreign = self._of("learn", self.foreign)
        self.assertEqual(self._get(f"/{foreign.id}").status_code, 404)
        self.assertEqual(row.content_viewed, 0, "looking by GET counts nothing")

    def test_the_time_on_a_tutorial_is_checked(self):
        row = self._of("learn")
        self._login(self.user)
        self._post("/seen", row=row.id, seconds=0, first="1")
        self.assertEqual(row.content_viewed, 1)
        for seconds in ("-1", "", "x", "1.5", "NaN", "9" * 30):
            found = self._post("/seen", row=row.id, seconds=seconds)
            self.assertEqual(found.status_code, 400, seconds)
        # A minute ago the page was opened: a claim of 10^9 seconds is a minute.
        self.env.cr.execute(
            "UPDATE onboarding_step_completion"
            " SET viewed_at = viewed_at - interval '60 seconds' WHERE id = %s",
            [row.id],
        )
        self._post("/seen", row=row.id, seconds=10**9)
        self.assertIn(row.time_spent_seconds, range(59, 66))
        self.assertEqual(row.status, "completed", "it takes half a minute")
        foreign = self._of("learn", self.foreign)
        self.assertEqual(
            self._post("/seen", row=foreign.id, seconds=5).status_code, 404
        )
        self.assertEqual(foreign.time_spent_seconds, 0)

    def test_authors_see_a_tutorial_and_customers_do_not(self):
        page = f"/onboarding/content/{self.content.id}"
        self._login(self.user)
        self.assertEqual(self.url_open(page).status_code, 404)
        marketer = self._user(
            "ob_author", "base.group_user,customer_lifecycle.group_lifecycle_user"
        )
        self._login(marketer)
        self.assertIn("Easily.", self.url_open(page).text)
