from datetime import timedelta
from itertools import pairwise

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL

from odoo.addons.journey_engine.tools.draw import draw

from .common import NOON, FeedbackCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestInvite(FeedbackCommon):
    """Whom a survey asks, when, and why not."""

    # --------------------------------------------------------------------- triggers
    def test_an_order_asks_after_the_delay(self):
        survey = self._survey(config={"delay_hours": 24})
        person = self._member()
        order = self._buys(person)
        invitation = self._of(survey)
        self.assertEqual(invitation.customer_id, person)
        self.assertEqual(invitation.trigger_context, {"order_id": order.id})
        self._process(23)
        self.assertFalse(self._log(invitation))
        self._process(25)
        self.assertEqual(self._log(invitation), [("ask", "queued", False)])
        self.assertTrue(invitation.sent_at)
        self.assertEqual(invitation.status, "sent")

    def test_the_first_order_asks_whoever_a_new_survey_is_for(self):
        usual = self.surveys.default_get(["target_domain"])
        self.assertFalse(usual.get("target_domain"))
        for kind, config in (("post_order", {}), ("milestone", {"order_count": 1})):
            for domain in (None, "[('total_orders', '=', 1)]"):
                with self.subTest(kind=kind, domain=domain):
                    values = {"target_domain": domain} if domain else {}
                    survey = self._survey(kind, config, usual=True, **values)
                    person = self._member()
                    self._buys(person)
                    self.assertEqual(self._of(survey).customer_id, person)
                    survey.action_stop()
        self._settle(NOON)
        self.assertEqual(self._row(person, self.shop).total_orders, 1)

    def test_who_never_bought_is_not_asked_regularly(self):
        survey = self._survey("periodic", {"every_days": 10}, usual=True)
        self.assertEqual(survey.target_domain, "[('total_orders', '>', 0)]")
        survey.trigger_type = "post_order"
        self.assertEqual(survey.target_domain, "[]")
        survey.target_domain = "[('total_orders', '>', 3)]"
        survey.trigger_type = "periodic"
        self.assertEqual(survey.target_domain, "[('total_orders', '>', 3)]")

    def test_an_event_that_comes_twice_asks_once(self):
        survey = self._survey(cooldown_days=0)
        person = self._member()
        order = self._buys(person)
        self._process(0)
        self._process(24 * 5)
        self.assertEqual(self._of(survey).run_state, "done")
        self._happens(
            person, "order_confirmed", res_model="sale.order", res_id=order.id
        )
        self.assertEqual(len(self._of(survey)), 1)

    def test_a_milestone_asks_at_that_order_once(self):
        survey = self._survey("milestone", {"order_count": 3}, cooldown_days=0)
        person, other = self._member(), self._member()
        for hour in range(5):
            order = self._buys(person, hour)
            if hour == 2:
                third = order
        self._buys(other)
        invitation = self._of(survey)
        self.assertEqual(invitation.customer_id, person)
        self.assertEqual(
            invitation.trigger_context, {"order_id": third.id, "order_count": 3}
        )

    def test_history_is_no_news(self):
        person = self._member()
        for hour in range(4):
            self._buys(person, hour)
        survey = self._survey("milestone", {"order_count": 3})
        self._buys(person, 10)
        self.assertFalse(self._of(survey))

    def _periodic(self, days, every=10, people=60, **values):
        survey = self._survey("periodic", {"every_days": every}, **values)
        members = self.env["res.partner"].create(
            [{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(people)]
        )
        self.lifecycle.sudo()._ensure(members, self.shop, NOON)
        entered = []
        for day in range(days):
            moment = NOON + day * DAY
            with freeze_time(moment):
                entered.append(len(survey._ask_periodic(moment)))
                self.env["journey.scheduler"].process_due(moment)
        return survey, members, entered

    def test_a_regular_survey_asks_everybody_once_a_period_spread_over_it(self):
        survey, members, entered = self._periodic(10, cooldown_days=5)
        self.assertEqual(sum(entered), len(members))
        self.assertEqual(self._of(survey).customer_id, members)
        self.assertGreater(sum(1 for count in entered if count), 6)

    def test_a_regular_survey_asks_again_after_the_period(self):
        survey, members, _entered = self._periodic(24, people=20, cooldown_days=5)
        counts = self.invitations._read_group(
            [("survey_id", "=", survey.id)], ["customer_id"], ["__count"]
        )
        self.assertEqual({c for _p, c in counts}, {2, 3} & {c for _p, c in counts})
        for person in members:
            moments = self._of(survey, person).mapped("started_at")
            gaps = [b - a for a, b in pairwise(moments)]
            self.assertTrue(all(gap >= 10 * DAY for gap in gaps))

    def test_a_day_is_looked_at_once_and_missed_days_are_made_up_for(self):
        survey, members, _entered = self._periodic(1, cooldown_days=0)
        before = len(self._of(survey))
        self.assertFalse(survey._ask_periodic(NOON))
        moment = NOON + 9 * DAY
        with freeze_time(moment):
            survey._ask_periodic(moment)
        # A week of the period at most is made up for.
        asked = len(self._of(survey))
        self.assertGreater(asked, before)
        self.assertLess(asked, len(members))

    def test_the_job_asks_once_a_day(self):
        survey = self._survey("periodic", {"every_days": 1})
        self._member()
        with freeze_time(NOON), self.enter_registry_test_mode():
            cron = self.env.ref("nps_feedback.ir_cron_nps_ask_periodic")
            self.assertIs(cron.method_direct_trigger(), True)
        self.assertEqual(len(self._of(survey)), 1)

    # --------------------------------------------------------------------- sampling
    def test_the_sample_is_drawn_by_hash(self):
        survey = self._survey(config={"sample_percent": 30}, cooldown_days=0)
        people = [self._member() for _each in range(40)]
        expected = set()
        for person in people:
            order = self._buys(person)
            event = self.events.search(
                [
                    ("customer_id", "=", person.id),
                    ("res_id", "=", order.id),
                    ("event_type", "=", "order_confirmed"),
                ]
            )
            lot = draw("sample", survey.code, person.id, event.event_key)
            if lot < 3000:
                expected.add(person.id)
        self.assertEqual(set(self._of(survey).customer_id.ids), expected)
        self.assertTrue(0 < len(expected) < 40)

    def test_a_sample_of_nobody_asks_nobody(self):
        survey = self._survey(config={"sample_percent": 0})
        self._buys(self._member())
        self.assertFalse(self._of(survey))

    # --------------------------------------------------------------------- audience
    def test_only_whom_the_survey_is_for(self):
        survey = self._survey(target_domain="[('customer_id.name', '=', 'Rahim')]")
        rahim, karim = self._member(name="Rahim"), self._member(name="Karim")
        self._buys(rahim)
        self._buys(karim)
        self.assertEqual(self._of(survey).customer_id, rahim)

    def test_other_companies_are_left_alone(self):
        other = self._create_company()
        survey = self._survey()
        person = self._member()
        with freeze_time(NOON):
            self._order(person, NOON, 10.0, other)
            self._dispatch()
        self.assertFalse(self._of(survey))

    # --------------------------------------------------------------------- cooldown
    def test_the_cooldown_is_of_all_surveys(self):
        first = self._survey(cooldown_days=90)
        second = self._survey(cooldown_days=90)
        person = self._member()
        invitation = self._asks(first, person)
        self._process(0)
        self.assertTrue(invitation.sent_at)
        for days, expected in ((1, "cooldown"), (89, "cooldown"), (91, "")):
            with self.subTest(days=days), freeze_time(NOON + days * DAY):
                self._process(24 * days)
                found = self.feedback.send_survey(second.code, person.id)
                self.assertEqual(found["reason"], expected)

    def test_who_was_never_reached_is_not_cooling(self):
        first, second = self._survey(), self._survey()
        person = self._member(email=False)
        self._buys(person)
        invitation = self._of(first)
        self._process(0)
        self._process(24 * 4)
        self.assertEqual({s for _c, s, _r in self._log(invitation)}, {"skipped"})
        self.assertEqual(invitation.status, "not_sent")
        person.email = "now@example.com"
        later = NOON + 5 * DAY
        found = self._asks(second, person, now=later)
        self.assertTrue(found)

    def test_two_surveys_at_once_ask_once(self):
        one, two = self._survey(priority=20), self._survey(priority=10)
        person = self._member()
        self._buys(person)
        self.assertEqual(len(self._of(one)), 1)
        self.assertFalse(self._of(two))

    # --------------------------------------------------------------- the service asks
    def test_the_service_tells_its_decision(self):
        survey = self._survey()
        person = self._member()
        with freeze_time(NOON):
            found = self.feedback.send_survey(survey.code, person.id)
            again = self.feedback.send_survey(survey.code, person.id)
        self.assertEqual((found["decision"], found["reason"]), ("send", ""))
        self.assertEqual(
            again,
            {
                "decision": "skip",
                "reason": "running",
                "until": False,
                "invitation_id": False,
            },
        )

    def test_the_service_asks_the_policy(self):
        topic = self.env.ref("customer_preference.topic_feedback")
        survey = self._survey()
        refused, mute = self._member(), self._member(email=False)
        self._say(refused, "withdrawn", topic=topic)
        for person, reason in ((refused, "topic_opt_out"), (mute, "no_address")):
            with self.subTest(reason=reason), freeze_time(NOON):
                found = self.feedback.send_survey(survey.code, person.id)
                self.assertEqual(
                    (found["decision"], found["reason"], found["invitation_id"]),
                    ("skip", reason, False),
                )

    def test_the_service_chooses_the_channel_as_the_journey_does(self):
        survey = self._survey(channel="preferred")
        person = self._member(email=False, phone="+8801712345678")
        self._say(person, "granted", channel="sms")
        with freeze_time(NOON):
            found = self.feedback.send_survey(survey.code, person.id)
        self.assertEqual((found["decision"], found["reason"]), ("send", ""))
        self.assertTrue(found["invitation_id"])

    def test_the_cooldown_begins_with_the_invitation(self):
        first = self._survey(cooldown_days=0)
        survey = self._survey(cooldown_days=30)
        person = self._member()
        invitation = self._asks(first, person)
        self._process(1)
        self.assertEqual(invitation.sent_at, NOON + timedelta(hours=1))
        with freeze_time(NOON + 20 * DAY):
            self.feedback.submit_response(self.links._token(invitation), 9)
        self.assertEqual(invitation.answered_at, NOON + 20 * DAY)
        self._process(24 * 21)
        for days, reason in ((29, "cooldown"), (31, "")):
            with freeze_time(NOON + days * DAY):
                found = self.feedback.send_survey(survey.code, person.id)
                self.assertEqual(found["reason"], reason)

    def test_in_quiet_hours_the_question_waits(self):
        self.shop.write({"quiet_hours_start": 10, "quiet_hours_end": 14})
        survey = self._survey()
        person = self._member()
        with freeze_time(NOON):
            found = self.feedback.send_survey(survey.code, person.id)
        self.assertEqual(
            (found["decision"], found["reason"], found["until"]),
            ("hold", "quiet_hours", "2040-06-13 14:00:00"),
        )
        invitation = self.invitations.browse(found["invitation_id"])
        self._process(0)
        self.assertEqual(self._log(invitation), [("ask", "held", "quiet_hours")])
        self._process(2.1)
        self.assertEqual(self._log(invitation), [("ask", "queued", False)])

    def test_the_service_refuses_nonsense(self):
        survey, off = self._survey(), self._survey(start=False)
        person = self._member()
        order = self._buys(self._member())
        service = self.feedback
        cases = [
            (("nothing", person.id), "nothing"),
            ((off.code, person.id), "switched off"),
            ((survey.code, 2**30), "customer_id"),
            ((survey.code, "5"), "customer_id"),
            ((survey.code, person.id, {"cow": 1}), "cow"),
            ((survey.code, person.id, {"order_id": "7"}), "order_id"),
            ((survey.code, person.id, {"order_id": order.id}), "order_id"),
        ]
        for arguments, word in cases:
            with (
                self.subTest(arguments=arguments),
                self.assertRaises(ValidationError) as caught,
            ):
                service.send_survey(*arguments)
            self.assertIn(word, str(caught.exception))
        self.assertFalse(self._of(survey, person))

    def test_only_marketers_ask(self):
        survey = self._survey()
        user = new_test_user(self.env, "nobody_asks", "base.group_portal")
        with self.assertRaises(AccessError):
            self.feedback.with_user(user).send_survey(survey.code, 1)

    # --------------------------------------------------------------------- reminder
    def test_who_does_not_answer_is_reminded_once(self):
        survey = self._survey(reminder_days=3)
        invitation = self._asks(survey, self._member())
        for hours in (0, 71, 73, 24 * 10, 24 * 20):
            self._process(hours)
        self.assertEqual(
            self._log(invitation),
            [("ask", "queued", False), ("remind", "queued", False)],
        )
        self.assertEqual(invitation.run_state, "done")

    def test_who_answered_is_not_reminded(self):
        survey = self._survey(reminder_days=3)
        invitation = self._asks(survey, self._member())
        self._process(0)
        self._answers(invitation, 9, now=NOON + DAY)
        self.assertEqual(invitation.run_state, "done")
        self._process(24 * 5)
        self.assertNotIn("remind", [code for code, *_rest in self._log(invitation)])
        self.assertEqual(invitation.exit_reason, "goal_reached")

    def test_an_answer_to_another_survey_stops_no_reminder(self):
        survey = self._survey(reminder_days=3, cooldown_days=0, exclusive_group=False)
        other = self._survey(cooldown_days=0, exclusive_group=False)
        person = self._member()
        invitation = self._asks(survey, person)
        self._process(0)
        second = self._asks(other, person, now=NOON + timedelta(hours=1))
        self._answers(second, 9, now=NOON + timedelta(hours=2))
        self._process(73)
        self.assertIn(("remind", "queued", False), self._log(invitation))

    def test_unanswered_invitations_expire(self):
        survey = self._survey(valid_days=10)
        invitation = self._asks(survey, self._member())
        self._process(0)
        self.assertEqual(invitation.expires_at, NOON + 10 * DAY)
        for days, status in ((9, "sent"), (11, "expired")):
            with freeze_time(NOON + days * DAY):
                invitation.invalidate_recordset()
                self.assertEqual(invitation.status, status)
                found = self.invitations.search([("status", "=", status)])
                self.assertIn(invitation, found)

    # ------------------------------------------------------------------------ batch
    def test_a_batch_costs_the_same_for_ten_as_for_three_hundred(self):
        people = self.env["res.partner"].create(
            [{"name": f"B{i}", "email": f"b{i}@example.com"} for i in range(300)]
        )
        self.lifecycle.sudo()._ensure(people, self.shop, NOON)
        survey = self._survey(config={"sample_percent": 99})
        counts = []
        for part in (people[:10], people[10:]):
            scope = SQL("l.customer_id = ANY(%s)", part.ids)
            self.env.flush_all()
            before = self.cr.sql_log_count
            survey._invite(
                scope, NOON, SQL("'{}'::jsonb"), SQL("(l.customer_id || ':x')")
            )
            counts.append(self.cr.sql_log_count - before)
        self.assertGreater(len(self._of(survey)), 250)
        self.assertLessEqual(counts[1], counts[0])
