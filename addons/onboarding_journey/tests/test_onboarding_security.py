from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import OnboardingCommon


@tagged("post_install", "-at_install")
class TestOnboardingSecurity(OnboardingCommon):
    """Who may see and do what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        role = "base.group_user,customer_lifecycle.group_lifecycle_{}"
        cls.marketer = cls._user("ob_marketer", role.format("user"))
        cls.manager = cls._user("ob_manager", role.format("manager"))
        cls.sales = cls._user("ob_sales", "sales_team.group_sale_salesman")
        cls.internal = cls._user("ob_internal", "base.group_user")
        cls.portal = cls._portal_user("ob_portal")
        cls.stranger = cls._portal_user("ob_stranger")
        cls.journey = cls._journey(
            cls._mail(),
            cls._task(),
            cls._tutorial(is_optional=True),
            cls._milestone(),
        )
        cls.walk = cls._enrol(cls.journey, cls.portal.partner_id)
        cls.foreign = cls._enrol(cls.journey, cls.stranger.partner_id)
        cls._process(0)
        cls.elsewhere = cls._create_company()
        cls.outsider = new_test_user(
            cls.env,
            "ob_outsider",
            role.format("manager"),
            company_id=cls.elsewhere.id,
            company_ids=[Command.set(cls.elsewhere.ids)],
        )

    def _as(self, user, record=None):
        record = self.onboarding if record is None else record
        return record.with_user(user).with_context(allowed_company_ids=None)

    def test_a_customer_sees_and_does_only_what_is_hers(self):
        service, mine = self._as(self.portal), self.portal.partner_id
        other = self.stranger.partner_id
        with self._at(1):
            self.assertEqual(
                service.get_progress(mine.id)["onboarding_id"], self.walk.id
            )
            self.assertTrue(service.complete_step(mine.id, "tick"))
            self.assertTrue(service.skip_step(mine.id, "learn"))
            self.assertFalse(service.complete_step(mine.id, "first"))
            self.assertEqual(service.handle_milestone(mine.id, "app_login", 99), [])
            self.assertEqual(
                service.start_onboarding(mine.id)["onboarding_id"], self.walk.id
            )
            for call in (
                lambda: service.get_progress(other.id),
                lambda: service.get_progress(2**30),
                lambda: service.complete_step(other.id, "tick"),
                lambda: service.skip_step(other.id, "learn"),
                lambda: service.handle_milestone(other.id, "app_login"),
                lambda: service.start_onboarding(other.id),
                service.get_stats,
            ):
                with self.assertRaises(AccessError):
                    call()
        logins = self.events.search(
            [("customer_id", "=", mine.id), ("event_type", "=", "app_login")]
        )
        self.assertFalse(logins)

    def test_a_customer_ticks_no_message_and_skips_nothing_that_is_required(self):
        fresh = self._portal_user("ob_fresh")
        run = self._enrol(self.journey, fresh.partner_id)
        service, mine = self._as(fresh), fresh.partner_id
        with self.assertRaises(AccessError):
            service.complete_step(mine.id, "hello")
        with self.assertRaisesRegex(ValidationError, "learn"):
            service.skip_step(mine.id, "tick")
        self.assertEqual(self._states(run)["tick"], "pending")

    def test_what_colleagues_noted_is_not_read_by_customers(self):
        rows = self.walk.completion_ids.with_user(self.portal)
        self.assertTrue(rows.read(["status"]))
        with self.assertRaises(AccessError):
            rows.read(["reason"])
        self.assertNotIn("reason", rows.fields_get())
        self.assertIn("reason", rows.with_user(self.marketer).fields_get())

    def test_records_of_others_are_not_there(self):
        runs = self._as(self.portal, self.runs)
        self.assertEqual(runs.search([]), self.walk)
        rows = self._as(self.portal, self.rows).search([])
        self.assertEqual(rows.onboarding_id, self.walk)
        self.assertEqual(rows.sorted("id").mapped("name")[1], "tick")
        foreign = self._as(self.portal, self.foreign)
        for call in (
            lambda: foreign.complete_step("tick"),
            lambda: foreign.skip_step("learn"),
            lambda: foreign.read(["status"]),
            foreign.action_cancel,
        ):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            self._as(self.portal, self.walk).write({"status": "completed"})
        with self.assertRaises(AccessError):
            self._as(self.portal, self.journeys).search([]).read(["name"])
        with self.assertRaises(AccessError):
            self._as(self.portal, self.journey).get_statistics()

    def test_roles(self):
        for user, may in (
            (self.marketer, True),
            (self.manager, True),
            (self.internal, False),
        ):
            journey = self._as(user, self.journey)
            with self.subTest(user=user.login):
                if may:
                    self.assertTrue(journey.get_statistics()["steps"])
                    journey.write({"description": "x"})
                    self.assertTrue(self._as(user).get_stats())
                    with self._at(1):
                        self.assertTrue(self._as(user, self.walk).skip_step("tick"))
                else:
                    with self.assertRaises(AccessError):
                        journey.get_statistics()
                    with self.assertRaises(AccessError):
                        self._as(user).get_progress(self.portal.partner_id.id)
                    with self.assertRaises(AccessError):
                        journey.write({"description": "x"})
        sales = self._as(self.sales, self.walk)
        self.assertEqual(sales.status, "in_progress")
        with self.assertRaises(AccessError):
            sales.complete_step("tick")
        with self.assertRaises(AccessError):
            self._as(self.marketer, self.journey).unlink()
        with self.assertRaises(AccessError):
            self._as(self.marketer, self.walk).write({"status": "completed"})

    def test_another_company_sees_nothing(self):
        service = self._as(self.outsider)
        customer = self.portal.partner_id.id
        self.assertIs(service.get_progress(customer), False)
        with self.assertRaises(ValidationError):
            service.get_stats(self.journey.code)
        with self.assertRaises(ValidationError):
            service.start_onboarding(customer, self.journey.code)
        with self.assertRaises(ValidationError):
            service.complete_step(customer, "tick")
        self.assertEqual(service.get_stats()["started"], 0)
        with self.assertRaises(AccessError):
            self._as(self.outsider, self.walk).complete_step("tick")
        with self.assertRaises(AccessError):
            self._as(self.outsider, self.journey).get_statistics()

    def test_nobody_writes_a_frozen_step(self):
        frozen = self.walk.version_id._steps()[0]
        with self.assertRaisesRegex(UserError, "frozen"):
            self._as(self.marketer, frozen).write({"name": "x"})
