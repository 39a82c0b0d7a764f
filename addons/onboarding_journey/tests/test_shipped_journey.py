from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import OnboardingCommon


@tagged("post_install", "-at_install")
class TestShippedJourney(OnboardingCommon):
    """Companies that come later have the journeys of the addon at hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shipped = cls.env.ref("onboarding_journey.journey_welcome").sudo()
        # Whatever a marketer has done with the first company's.
        cls.shipped.active = True

    def _load(self):
        manager = new_test_user(
            self.env,
            "ob_loader",
            "base.group_user,customer_lifecycle.group_lifecycle_manager",
            company_id=self.shop.id,
            company_ids=[Command.set(self.shop.ids)],
        )
        journeys = self.journeys.with_user(manager)
        journeys = journeys.with_context(allowed_company_ids=self.shop.ids)
        journeys.action_load_journeys()
        return journeys.search([("company_id", "=", self.shop.id)])

    def test_it_comes_switched_off_and_once(self):
        self.assertFalse(self.journeys.search([("company_id", "=", self.shop.id)]))
        journey = self._load()
        self.assertEqual(journey.mapped("code"), ["welcome"])
        self.assertFalse(journey.is_active)
        self.assertFalse(journey.step_ids & self.shipped.step_ids)
        self.assertEqual(journey.steps, self.shipped.steps)
        journey.action_load_journeys()
        self.assertEqual(
            self.journeys.search([("company_id", "=", self.shop.id)]), journey
        )

    def test_its_customers_walk_it(self):
        journey = self._load()
        journey.action_start()
        person = self._member()
        with self._at(0):
            found = self.onboarding.start_onboarding(person.id)
        self.assertEqual((found["journey"], found["created"]), ("welcome", True))
        run = self.runs.browse(found["onboarding_id"])
        self.assertEqual(run.journey_id.sudo(), journey.sudo())
        self._process(0)
        for hours in (1, 2):
            self._buys(person, hours)
        run.invalidate_recordset()
        self.assertEqual(run.status, "completed", self._states(run))

    def test_what_was_archived_comes_back_for_others(self):
        self.shipped.active = False
        self.assertTrue(self._load().active)

    def test_tutorials_of_one_company_are_copied(self):
        content = self.shipped.step_ids.content_id
        self.assertFalse(content.company_id)
        own = content.copy({"company_id": self.shipped.company_id.id, "title": "Own"})
        step = self.shipped.step_ids.filtered("content_id")
        step.content_id = own
        copied = self._load().step_ids.content_id
        self.assertEqual((copied.title, copied.company_id), ("Own", self.shop))
        self.assertNotEqual(copied, own)
        # Beside the own one, a copy keeps what it shows.
        self.assertEqual(self.shipped.copy().step_ids.content_id, own)
