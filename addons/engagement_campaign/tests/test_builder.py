from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tests.common import new_test_user

from .common import NOON, CampaignCommon


@tagged("post_install", "-at_install")
class TestBuilder(CampaignCommon):
    """What the builder's page asks of the server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketer = cls._user("builder_marketer", "group_lifecycle_user")
        cls.steps = cls.env["engagement.campaign.step"].with_user(cls.marketer)
        cls.values = {"channel": "email", "template_id": cls.template.id}

    @classmethod
    def _user(cls, login, group):
        group = group if "." in group else f"customer_lifecycle.{group}"
        return new_test_user(
            cls.env,
            login,
            f"base.group_user,{group}",
            company_id=cls.shop.id,
            company_ids=[(6, 0, cls.shop.ids)],
        )

    def test_reach_adds_up_to_everybody_who_would_enter(self):
        people = [self._member() for _number in range(3)]
        people[0].email = False
        campaign = self._campaign(start=False).with_user(self.marketer)
        found = campaign.get_reach(1)
        stopped = sum(row["count"] for row in found["stopped"])
        self.assertEqual(
            found["entering"],
            found["reached"] + found["later"] + found["control"] + stopped,
        )
        self.assertEqual(found["reached"], 2)
        self.assertEqual([row["label"] for row in found["stopped"]], ["No address"])

    def test_reach_of_a_date_tells_whose_date_is_near(self):
        schedule = {"kind": "birthday"}
        campaign = self._campaign({"trigger_type": "schedule", "schedule": schedule})
        for days in (-1, 0, 29, 30):
            born = NOON.date() + timedelta(days=days)
            self._member().birthday = born.replace(year=1990)
        self._member()
        with freeze_time(NOON):
            found = campaign.get_reach()
        self.assertEqual(found["entering"], 2)
        self.assertIn("30", found["label"])

    def test_reach_refuses_days_that_are_none(self):
        campaign = self._campaign(start=False)
        for days in (0, 400, "7"):
            with self.subTest(days=days), self.assertRaises(ValidationError):
                campaign.get_reach(days)

    def test_course_tells_how_far_customers_came_and_when(self):
        person = self._member()
        campaign = self._campaign()
        self.service.with_user(self.marketer).start_playbook(campaign.code, person.id)
        found = campaign.with_user(self.marketer).get_course()
        self.assertEqual(found["funnel"]["enrolled"], 1)
        self.assertEqual(found["funnel"]["reached"], 0)
        self.assertEqual(sum(day["enrolled"] for day in found["per_day"]), 1)
        found = campaign.with_user(self.marketer).get_statistics()
        self.assertIn("no_consent", found["reasons"])

    def test_a_message_is_shown_before_its_step_is_saved(self):
        found = self.steps.render_message(self.values)
        self.assertFalse(found["error"])
        self.assertIn(found["customer"], found["subject"])
        self.assertIn("Dear", found["body"])

    def test_a_message_with_the_offer_shows_a_code(self):
        campaign = self._campaign(
            start=False, offer_config={"type": "discount", "value": 10}
        )
        found = self.steps.render_message(self.values, campaign.id)
        self.assertIn("ABC123", found["body"])

    def test_what_cannot_be_made_is_told(self):
        renderer = self.registry["journey.renderer"]
        broken = patch.object(renderer, "_render_emails", side_effect=ValueError("no"))
        with broken:
            found = self.steps.render_message(self.values)
        self.assertEqual(found["error"], "no")
        found = self.steps.render_message({"channel": "push", "body": "{{ 1 + 1 }}"})
        self.assertTrue(found["error"])

    def test_only_what_a_step_may_send_is_shown(self):
        users = self._template(model_id=self.env["ir.model"]._get_id("res.users"))
        cases = (
            {"channel": "pigeon"},
            {"channel": "email", "template_id": 2**31 - 1},
            {"channel": "email", "template_id": users.id},
            {"channel": "email", "definition_id": 1},
        )
        for values in cases:
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.steps.render_message(values)

    def test_others_are_shown_nothing(self):
        seller = self._user("builder_seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.steps.with_user(seller).render_message(self.values)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._campaign(start=False, company_id=elsewhere.id)
        with self.assertRaises(AccessError):
            self.steps.render_message(self.values, foreign.id)
        with self.assertRaises(AccessError):
            foreign.with_user(self.marketer).get_course()

    def test_marketers_take_customers_out_and_sellers_do_not(self):
        campaign = self._campaign()
        person = self._member()
        started = self.service.start_playbook(campaign.code, person.id)
        run = self.enrollments.browse(started["enrollment_id"])
        seller = self._user("builder_seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            run.with_user(seller).action_cancel()
        run.with_user(self.marketer).action_cancel()
        self.assertEqual(run.status, "cancelled")

    def test_a_typing_error_in_the_milestones_breaks_no_form(self):
        form = Form(self.campaigns.with_user(self.marketer))
        form.name = "Typed wrongly"
        form.trigger_type = "milestone"
        form.milestone = "orders"
        form.milestone_targets = "one"
        with self.assertRaises(ValidationError):
            form.save()
