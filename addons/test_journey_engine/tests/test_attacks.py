from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestAttacks(JourneyCommon):
    """What a tester tried, and what must never work again."""

    def test_texts_of_steps_run_no_code(self):
        for text in (
            "{{ object.env['res.users'] }}",
            "{{ object.write({'name': 'x'}) }}",
            "{{ object.unlink() }}",
            "{{ object.user_ids.password }}",
            "{{ object.user_ids.login }}",
            "{{ object.__class__ }}",
            "{{ 7 * 7 }}",
            "{{ nobody }}",
        ):
            for name in ("title", "body"):
                with self.subTest(text=text), self.assertRaises(ValidationError):
                    self._journey(self._step(channel="internal", **{name: text}))

    def test_texts_of_steps_name_fields(self):
        user = new_test_user(self.env, "texts", "sales_team.group_sale_salesman")
        text = "{{ object.name }}, {{ object.country_id.name ||| nowhere }}"
        step = self._step(channel="activity", title=text, owner_id=user.id)
        person = self._member()
        self._enrol(self._journey(step), person)
        self._process()
        found = self.env["mail.activity"].search([("user_id", "=", user.id)])
        self.assertEqual(found.summary, f"{person.name}, nowhere")

    def test_a_test_run_writes_nothing(self):
        body = "<p t-out=\"object.write({'comment': 'changed'})\"/>"
        journey = self._journey(self._step(template_id=self._template(body).id))
        person = self._member()
        wizard = self.env["journey.test.run"].create(
            {
                "definition_model": "test.journey",
                "definition_id": journey.id,
                "customer_id": person.id,
            }
        )
        wizard.tester_id.email = "tester@example.com"
        wizard.action_send()
        self.env.invalidate_all()
        self.assertNotIn("changed", str(person.comment))

    def test_conditions_ask_only_for_what_the_writer_may_see(self):
        marketer = new_test_user(
            self.env, "prober", "customer_lifecycle.group_lifecycle_manager"
        )
        marketer.write({"company_ids": self.shop.ids, "company_id": self.shop.id})
        journey = self._journey(start=False)
        # The first is not stored, the second is for administrators.
        for field in ("user_ids.password", "signup_type"):
            probe = f"[('customer_id.{field}', 'like', 'a')]"
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                journey.step_ids[0].with_user(marketer).condition = probe
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                journey.with_user(marketer).exit_condition = probe
        journey.with_user(
            marketer
        ).exit_condition = "[('customer_id.country_id.code', '=', 'BD')]"

    def test_a_delay_that_is_no_number_is_refused(self):
        with self.assertRaises(ValidationError):
            self._journey(self._step(float("nan")))

    def test_no_step_is_done_twice_however_runs_are_moved(self):
        journey = self._journey(
            self._step(code="a"),
            self._step(24, code="b"),
            self._step(48, code="c"),
            goal="none",
            category="service",
        )
        run = self._enrol(journey, self._member())
        self._process()
        first = journey.step_ids.filtered(lambda s: s.code == "a")
        first.write({"sequence": 10**6, "delay_hours": 72})
        journey.action_move_runs()
        for hour in (24, 48, 72):
            self._process(hour)
        self.assertEqual([code for code, *_rest in self._log(run)], ["a", "b", "c"])
        self.assertEqual(len(run.delivery_ids.mail_mail_id), 3)
        self.assertEqual(run.run_state, "done")

    def test_who_stands_at_a_step_that_is_gone_goes_on_or_has_arrived(self):
        journey = self._journey(
            self._step(code="a"),
            self._step(0, code="b"),
            self._step(48, code="c"),
            goal="none",
            category="service",
        )
        run = self._enrol(journey, self._member())
        self._process(limit=1)
        journey.step_ids.filtered(lambda s: s.code == "b").unlink()
        journey.action_move_runs()
        self.assertEqual(run.step_id.code, "c")
        journey.step_ids.filtered(lambda s: s.code == "c").unlink()
        journey.action_move_runs()
        self.assertRecordValues(
            run, [{"run_state": "done", "exit_reason": "completed"}]
        )

    def test_unsubscribing_stops_the_topic_that_the_journey_has_now(self):
        for topics in ((self.news, self.offers), (self.offers, False)):
            journey = self._journey(topic_id=topics[0].id)
            run = self._enrol(journey, self._member())
            journey.topic_id = topics[1]
            self._process()
            mailing = run.delivery_ids.mail_mail_id.mailing_id
            expected = topics[1] or self.news
            self.assertEqual(run.delivery_ids.topic_id, expected)
            self.assertEqual(mailing._contact_topic(), expected)

    def test_archiving_is_switching_off(self):
        with freeze_time(NOON):
            journey = self._journey(
                *[self._step(24 * day, category="service") for day in range(4)],
                goal="none",
            )
        run = self._enrol(journey, self._member())
        self._process()
        with freeze_time(NOON + timedelta(hours=1)):
            journey.active = False
        self.assertFalse(journey.is_active)
        with freeze_time(NOON + timedelta(days=20)):
            journey.active = True
            journey.is_active = True
        self._process(24 * 21)
        # Nobody who was forgotten for weeks goes on as if nothing had been.
        self.assertEqual(run.exit_reason, "journey_archived")
        self.assertEqual(len(self._log(run)), 1)

    def test_nobody_smuggles_a_step_into_what_customers_walk(self):
        other = self._create_company()
        stranger = self._user_of(
            other,
            "smuggler",
            "base.group_user,customer_lifecycle.group_lifecycle_manager",
        )
        journey = self._journey()
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        mine = env["test.journey"].create(
            {"name": "Mine", "code": "mine", "company_id": other.id}
        )
        steps = env["test.journey.step"]
        values = {"definition_id": mine.id, "code": "evil", "channel": "internal"}
        for further in (
            {"version_id": journey.version_id.id},
            {"mailing_id": journey.step_ids[0].mailing_id.id or 1},
        ):
            with self.subTest(further), self.assertRaises(AccessError):
                steps.create({**values, **further})
        step = steps.create({**values, "title": "x", "body": "x"})
        for further in (
            {"version_id": journey.version_id.id},
            {"definition_id": journey.id},
        ):
            with self.subTest(further), self.assertRaises(AccessError):
                step.write(further)
        for name in ("version_id", "paused_at", "is_stale"):
            with self.subTest(name), self.assertRaises(AccessError):
                mine.create({"name": "M", "code": "m", "company_id": other.id, name: 1})

    def test_colleagues_of_others_are_told_nothing(self):
        other = self._create_company()
        groups = "base.group_user"
        stranger = self._user_of(other, "a_stranger", groups)
        portal = new_test_user(self.env, "a_portal_user", "base.group_portal")
        for owner in (stranger, portal):
            step = self._step(
                channel="internal", owner_id=owner.id, title="x", body="x"
            )
            with (
                self.subTest(owner.login),
                self.assertRaisesRegex(ValidationError, "owner_id"),
                self.env.cr.savepoint(),
            ):
                self._journey(step, start=False)

    def test_switching_on_by_hand_needs_steps_too(self):
        with self.assertRaises(ValidationError):
            self.env["test.journey"].create(
                {
                    "name": "x",
                    "code": "x",
                    "company_id": self.shop.id,
                    "is_active": True,
                }
            )

    def test_preferred_is_nothing_that_was_not_agreed_to(self):
        step = self._step(channel="preferred", body="Milk")
        person = self._member(agreed=False)
        run = self._enrol(self._journey(step, category="service"), person)
        self._process()
        self.assertEqual(run.delivery_ids.channel, "email")

    def test_pushes_count_for_caps(self):
        person = self._member()
        self._say(person, "granted", channel="push")
        self.env["mail.push.device"].create(
            {
                "endpoint": "https://push.example.com/1",
                "keys": '{"p256dh": "x", "auth": "y"}',
                "partner_id": person.id,
            }
        )
        self.env["ir.config_parameter"].set_param(
            "mail.web_push_vapid_private_key", "x"
        )
        steps = [self._step(hour, channel="push", title="Milk") for hour in (0, 1)]
        run = self._enrol(self._journey(*steps), person)
        self._process()
        self._process(1)
        self.assertEqual(
            self._states(run), [("sent", False), ("held", "frequency_cap")]
        )

    def test_a_run_that_is_deleted_frees_its_group(self):
        journey = self._journey(exclusive_group="g")
        person = self._member()
        run = self._enrol(journey, person)
        self._process()
        mail = run.delivery_ids.mail_mail_id
        run.unlink()
        self.assertEqual(mail.state, "cancel")
        self.assertTrue(self._enrol(journey, person))

    def test_an_offer_of_another_company_is_refused(self):
        other = self._create_company()
        offer = self.env["journey.offer"].create(
            {"name": "x", "value": 5, "company_id": other.id}
        )
        with self.assertRaises(ValidationError):
            self._journey(offer_id=offer.id)

    def test_a_code_that_nobody_read_is_free_again(self):
        offer = self.env["journey.offer"].create(
            {"name": "x", "value": 5, "budget_count": 1, "company_id": self.shop.id}
        )
        step = self._step(includes_offer=True, without_offer="skip")
        journey = self._journey(step, self._step(48), offer_id=offer.id)
        first = self._enrol(journey, self._member())
        self._process()
        first.action_cancel()
        second = self._enrol(journey, self._member())
        self._process()
        self.assertEqual(self._states(second), [("queued", False)])

    def test_who_is_erased_is_named_nowhere(self):
        person = self._member(name="Karim Secret", email="secret@example.com")
        run = self._enrol(self._journey(), person)
        self._process()
        mail = run.delivery_ids.mail_mail_id
        trace, message = run.delivery_ids.trace_id, mail.mail_message_id
        self.engine._anonymize_customer(person)
        self.env.invalidate_all()
        left = [trace.email, mail.email_to, mail.body_html, message.subject]
        self.assertNotIn("ecret", str(left))

    def test_a_document_as_template_keeps_its_way_out(self):
        body = "<html><body><p>Milk</p></body></html>"
        step = self._step(template_id=self._template(body).id)
        run = self._enrol(self._journey(step), self._member())
        self._process()
        html = run.delivery_ids.mail_mail_id.body_html
        self.assertIn("/unsubscribe_from_list", html)

    def test_buttons_answer_over_rpc(self):
        journey = self._journey(start=False)
        run = self._enrol(journey, self._member())
        for method in ("action_start", "action_stop", "action_move_runs"):
            self.assertTrue(getattr(journey, method)())
        self.assertTrue(run.action_cancel())
        self.assertFalse(journey.step_ids.filtered("version_id"))
        journey.write({"step_ids": [Command.clear()]})

    def test_frozen_steps_are_frozen(self):
        journey = self._journey()
        frozen = journey.version_id._steps()
        user = self._user_of(
            self.shop, "freezer", "customer_lifecycle.group_lifecycle_user"
        )
        mine = frozen.with_env(self.env(user=user, su=False))
        for change in (lambda: mine.write({"name": "x"}), mine.unlink):
            with self.assertRaises(UserError):
                change()

    @freeze_time(NOON)
    def test_what_an_uninstalled_addon_left_behind_stops_nothing(self):
        run = self._enrol(self._journey(), self._member())
        self._process()
        delivery = run.delivery_ids
        self.env.cr.execute(
            "UPDATE journey_delivery SET definition_model = 'gone', run_model = 'gone'"
            " WHERE id = %s",
            [delivery.id],
        )
        self.env.invalidate_all()
        self.assertFalse(delivery.journey_name)
        self.assertEqual(delivery.step_name, delivery.step_code)
        self.assertFalse(delivery.mail_mail_id._stopped())

    def test_colleagues_get_one_message_however_many_customers(self):
        user = new_test_user(self.env, "told", "sales_team.group_sale_salesman")
        counts = []
        for channel in ("internal", "activity"):
            for number in (3, 30):
                step = self._step(channel=channel, title="Call", owner_id=user.id)
                journey = self._journey(step)
                self._enrol(journey, *[self._member() for _each in range(number)])
                before = self.env.cr.sql_log_count
                self.assertEqual(self._process(), number)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1], counts[0] + 15)
        self.assertLess(counts[3], counts[2] + 100)
