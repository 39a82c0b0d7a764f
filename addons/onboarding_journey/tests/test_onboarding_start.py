from datetime import timedelta

from odoo.tests import Form, tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import OnboardingCommon


@tagged("post_install", "-at_install")
class TestOnboardingStart(OnboardingCommon):
    """Who begins by himself, and who does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.standard = cls._journey(cls._task())
        cls.shop.write(
            {"onboarding_on_signup": True, "onboarding_on_first_order": True}
        )

    def _of(self, person, journey=None):
        domain = [("customer_id", "=", person.id)]
        if journey:
            domain.append(("journey_id", "=", journey.id))
        return self.runs.search(domain)

    def _sign_up(self, login="new_nora"):
        with self._at(0):
            user = self._user(login, "base.group_portal", email=f"{login}@example.com")
            self._dispatch()
        return user.partner_id

    def test_the_form_says_why_nobody_begins(self):
        self.assertFalse(self.standard.start_hint)
        second = self._journey(self._task(), priority=1)
        self.assertIn(self.standard.name, second.start_hint)
        self.assertFalse(self.standard.start_hint)
        self.shop.write(
            {"onboarding_on_signup": False, "onboarding_on_first_order": False}
        )
        (self.standard | second).invalidate_recordset(["start_hint"])
        self.assertIn("Settings > Onboarding", self.standard.start_hint)
        second.action_stop()
        self.assertFalse(second.start_hint)

    def test_a_new_journey_of_the_same_name_finds_a_short_name_of_its_own(self):
        self._journey(self._task(), code="first_weeks", start=False).active = False
        codes = []
        for _number in range(2):
            form = Form(self.journeys.with_company(self.shop))
            form.name = "First weeks!"
            codes.append(form.save().code)
        self.assertEqual(codes, ["first_weeks_2", "first_weeks_3"])

    def test_settings_know_whether_visitors_may_sign_up(self):
        website = self.env["website"].get_current_website()
        for scope, can in (("b2b", False), ("b2c", True)):
            website.auth_signup_uninvited = scope
            settings = self.env["res.config.settings"].create({})
            self.assertEqual(settings.onboarding_can_sign_up, can)

    def test_who_signs_up_begins(self):
        person = self._sign_up()
        run = self._of(person)
        self.assertEqual((run.journey_id, run.status), (self.standard, "in_progress"))
        self.assertEqual(self._row(person, self.shop).onboarding_status, "in_progress")
        with self._at(1):
            self._dispatch()
        self.assertEqual(len(self._of(person)), 1)

    def test_unless_the_company_does_not_say_so(self):
        self.shop.onboarding_on_signup = False
        self.assertFalse(self._of(self._sign_up()))

    def test_a_guest_begins_with_the_first_order(self):
        person = self._person()
        self._buys(person, 1)
        self.lifecycle.sudo()._refresh_facts(self._scope(person), NOON)
        with self._at(2):
            self.engine._evaluate_due(NOON + timedelta(hours=2), 100)
            self._dispatch()
        self.assertEqual(len(self._of(person)), 1)
        self._buys(person, 3)
        self.assertEqual(len(self._of(person)), 1)

    def _scope(self, person):
        from odoo.tools import SQL

        return SQL("l.customer_id = %s", person.id)

    def test_a_guest_who_signs_up_later_begins_then(self):
        self.shop.onboarding_on_first_order = False
        person = self._person()
        self._buys(person, 1)
        self.assertFalse(self._of(person))
        with self._at(5):
            self._user("later_lena", "base.group_portal", partner_id=person.id)
            self._dispatch()
        self.assertEqual(len(self._of(person)), 1)

    def test_who_is_entered_by_hand_does_not_begin(self):
        person = self._member()
        self.assertFalse(self._of(person))

    def test_each_kind_of_customer_walks_its_own(self):
        b2b = self._journey(self._task(), journey_type="b2b")
        subscription = self._journey(self._task(), journey_type="subscription")
        premium = self._journey(self._task(), journey_type="premium")
        firm = self._member(is_company=True)
        subscriber, vip, other = self._member(), self._member(), self._member()
        self._row(subscriber, self.shop).has_active_subscription = True
        self._row(vip, self.shop).clv_segment = "vip"
        self.env.flush_all()
        for person, journey in (
            (firm, b2b),
            (subscriber, subscription),
            (vip, premium),
            (other, self.standard),
        ):
            with self._at(0):
                found = self.onboarding.start_onboarding(person.id)
            self.assertEqual(found["journey"], journey.code)
            self.assertEqual(self._of(person).id, found["onboarding_id"])
        premium.action_stop()
        late = self._member()
        self._row(late, self.shop).clv_segment = "vip"
        self.env.flush_all()
        with self._at(0):
            found = self.onboarding.start_onboarding(late.id)
        self.assertEqual(found["journey"], self.standard.code)

    def test_the_welcome_group_greets_once(self):
        self.standard.exclusive_group = "welcome"
        rival = self._journey(
            self._task(), exclusive_group="welcome", priority=5, journey_type="b2b"
        )
        person = self._member()
        self._enrol(self.standard, person)
        self.assertFalse(self._enrol(rival, person))
        found = self.onboarding.start_onboarding(person.id, rival.code)
        self.assertEqual(found["reason"], "exclusive_group")

    def test_the_slot_is_free_when_only_optional_steps_are_left(self):
        journey = self._journey(
            self._task(),
            self._task("more", is_optional=True),
            exclusive_group="welcome",
        )
        person = self._member()
        run = self._enrol(journey, person)
        slots = self.env["journey.slot"].search([("customer_id", "=", person.id)])
        self.assertEqual(slots.run_id, run.id)
        self._process(0)
        with self._at(1):
            run.complete_step("tick")
        self.assertFalse(slots.exists())
        self.assertEqual(run.status, "in_progress")

    def test_history_begins_nothing(self):
        person = self._person()
        self._user("old_olga", "base.group_portal", partner_id=person.id)
        events = self.events.search([("customer_id", "=", person.id)])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE lifecycle_event SET is_pending = FALSE WHERE id = ANY(%s)",
            [events.ids],
        )
        self._dispatch()
        self.assertFalse(self._of(person))

    def test_many_begin_in_a_few_statements(self):
        people = [self._member() for _each in range(20)]
        for number, person in enumerate(people):
            self._user(f"many_{number}", "base.group_portal", partner_id=person.id)
        self.env.flush_all()
        ids = [person.id for person in people]
        events = self.events.search(
            [("customer_id", "in", ids), ("event_type", "=", "account_opened")]
        )
        with self.assertQueryCount(40):
            self.journeys.sudo()._on_events(events, NOON)
        self.assertEqual(self.runs.search_count([("customer_id", "in", ids)]), 20)
        self.journeys.sudo()._on_events(events, NOON)
        self.assertEqual(self.runs.search_count([("customer_id", "in", ids)]), 20)
        self._dispatch()
