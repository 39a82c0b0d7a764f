from odoo import fields
from odoo.tests import new_test_user, tagged

from odoo.addons.customer_lifecycle.tests.pictures import PageCase

from .page_common import OnboardingPortalCase


class OnboardingPages(OnboardingPortalCase, PageCase):
    page_login = "ob_page_manager"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(
            cls.env,
            cls.page_login,
            "base.group_user,customer_lifecycle.group_lifecycle_manager",
            company_id=cls.shop.id,
            company_ids=[(6, 0, cls.shop.ids)],
        )
        cls.walk.complete_step("tick")
        people = [cls._member(**cls._details(place)) for place in range(24)]
        for place, person in enumerate(people):
            run = cls._today_of(person)
            if place % 5:
                run.complete_step("tick")
            if place % 3 == 0:
                run.skip_step("learn")
            elif place % 2:
                run.complete_step("learn", {"time_spent_seconds": 40 + place})
            for number in range(place % 4):
                cls._buys(person, 72 + 30 * number + 5 * place)
        cls._expire(people[3::7])
        cls.env.flush_all()

    @classmethod
    def _details(cls, place):
        """Two of three have told us where they live."""
        dhaka = {"street": "Lake Road 7", "city": "Dhaka"}
        return {**dhaka, "country_id": cls.env.ref("base.bd").id} if place % 3 else {}

    @classmethod
    def _expire(cls, people):
        """Some have not done anything for longer than the journey lasts."""
        runs = cls.runs.search([("customer_id", "in", [p.id for p in people])])
        cls.env.cr.execute(
            "UPDATE customer_onboarding SET anchor_at = anchor_at - interval '40 days',"
            " started_at = started_at - interval '40 days',"
            " next_step_at = now() WHERE id = ANY(%s) AND status = 'in_progress'",
            [runs.ids],
        )
        cls.env.invalidate_all()
        cls.scheduler.process_due(fields.Datetime.now())


@tagged("post_install", "-at_install")
class TestOnboardingPages(OnboardingPages):
    """Every page, opened in a browser, looked at and kept as a picture."""

    browser_size = "1400x1300"

    def _back(self, name, address, ready):
        page = f"/odoo/{address}"
        self._look(f"onboarding-{name}", page, ready, self.page_login)

    def _front(self, name, address, ready, login="ob_mina"):
        self._look(f"onboarding-{name}", address, ready, login)

    def test_customers(self):
        self._front("home", "/my", ".o_onboarding_card")
        self._front("steps", "/my/onboarding", ".o_onboarding_steps")
        row = self._of("learn")
        self._front("tutorial", f"/my/onboarding/{row.id}", ".o_onboarding_body")
        self._front("none", "/my/onboarding", ".o_onboarding_none", "ob_sara")

    def test_marketers(self):
        rows = ".o_data_row, .o_kanban_record"
        self._back("journeys", "onboarding-journeys", rows)
        page = f"onboarding-journeys/{self.journey.id}"
        self._back("journey", page, ".o_journey_step")
        self._back("customers", "onboarding-customers", rows)
        self._back("customer", f"onboarding-customers/{self.walk.id}", ".o_journey_log")
        self._back("tutorials", "onboarding-tutorials", rows)
        page = f"onboarding-statistics?journey={self.journey.id}"
        self._back("statistics", page, ".o_onboarding_funnel")
        self._look_after(
            "onboarding-step",
            f"/odoo/onboarding-journeys/{self.journey.id}",
            ".o_journey_step",
            ".o_kanban_record:nth-child(2) .o_journey_step_text",
        )


@tagged("post_install", "-at_install")
class TestOnboardingPagesPhone(TestOnboardingPages):
    """The same pages on a phone."""

    browser_size = "390x1500"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestOnboardingTours(OnboardingPages):
    """What people do, in a browser."""

    def test_a_customer_takes_the_steps(self):
        run = self._today(self.fresh)
        self.start_tour("/my", "onboarding_customer", login="ob_sara")
        self.env.invalidate_all()
        self.assertEqual(run.completed_steps, ["hello", "learn", "tick"])
        self.assertGreaterEqual(self._of("learn", run).content_viewed, 1)

    def test_a_marketer_builds_a_journey(self):
        self.start_tour(
            "/odoo/onboarding-journeys", "onboarding_build", login=self.page_login
        )
        journey = self.journeys.search([("name", "=", "Tour journey")])
        self.assertTrue(journey.is_active)
        self.assertEqual(
            [(s["name"], s["type"]) for s in journey.steps],
            [("First order", "milestone"), ("Say hello", "task")],
        )
