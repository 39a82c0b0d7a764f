from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestGoals(JourneyCommon):
    def _buys(self, person, hours=1, **values):
        moment = NOON + timedelta(hours=hours)
        return self._order(person, moment, company=self.shop, **values)

    def test_who_ordered_gets_no_further_step(self):
        person = self._member()
        run = self._enrol(self._journey(self._step(2)), person)
        self._buys(person)
        self._process(2)
        self.assertRecordValues(
            run, [{"run_state": "done", "exit_reason": "goal_reached"}]
        )
        self.assertEqual(self._states(run), [("skipped", "goal_reached")])

    def test_an_order_of_before_is_no_goal(self):
        person = self._member()
        self._buys(person, -1)
        run = self._enrol(self._journey(), person)
        self._process()
        self.assertEqual(run.run_state, "running")

    def test_an_order_of_another_company_is_no_goal(self):
        person = self._member()
        run = self._enrol(self._journey(), person)
        other = self._create_company()
        self._order(person, NOON + timedelta(hours=1), company=other)
        self._process(2)
        self.assertEqual(run.run_state, "running")

    def test_a_goal_may_be_an_order_that_matches(self):
        journey = self._journey(
            self._step(),
            self._step(5),
            goal="orders",
            goal_domain="[('amount_total', '>=', 50)]",
        )
        person = self._member()
        run = self._enrol(journey, person)
        self._buys(person, amount=20)
        self._process(1)
        self.assertEqual(run.run_state, "running")
        self._buys(person, 2, amount=60)
        self._process(5)
        self.assertEqual(run.exit_reason, "goal_reached")

    def test_a_goal_may_be_an_event(self):
        journey = self._journey(goal="event", goal_event="customer_changed")
        person = self._member()
        run = self._enrol(journey, person)
        self._buys(person)
        self._process(1)
        self.assertEqual(run.run_state, "running")
        self.events._record(
            [
                {
                    "customer_id": person.id,
                    "company_id": self.shop.id,
                    "event_type": "customer_changed",
                    "event_key": "review:1",
                    "occurred_at": NOON + timedelta(hours=2),
                }
            ]
        )
        self._dispatch()
        self.assertEqual(run.exit_reason, "goal_reached")

    def test_who_orders_has_queued_messages_called_back_by_the_event(self):
        person = self._member()
        run = self._enrol(self._journey(), person)
        self._process()
        mail = run.delivery_ids.mail_mail_id
        self._buys(person)
        self._dispatch()
        self.assertEqual(mail.state, "cancel")
        self.assertEqual(self._states(run), [("cancelled", "goal_reached")])
        self.assertEqual(mail.mailing_trace_ids.trace_status, "cancel")
        self.assertFalse(self.log.search([("customer_id", "=", person.id)]))

    @freeze_time(NOON)
    def test_a_queue_asks_again_before_it_sends(self):
        buyer, leaver, stays = (self._member() for _each in range(3))
        runs = self._enrol(self._journey(), buyer, leaver, stays)
        self._process()
        self._buys(buyer)
        self._say(leaver, "withdrawn", occurred_at=NOON)
        mails = runs.delivery_ids.mail_mail_id
        overtaken = mails._stopped()
        self.assertEqual(overtaken.mapped("res_id"), [buyer.id, leaver.id])
        self.assertEqual(
            [self._states(run)[0] for run in runs],
            [
                ("cancelled", "goal_reached"),
                ("cancelled", "no_consent"),
                ("queued", False),
            ],
        )

    def test_who_matches_the_exit_condition_leaves(self):
        journey = self._journey(exit_condition="[('total_orders', '=', 0)]")
        run = self._enrol(journey, self._member())
        self._process()
        self.assertRecordValues(
            run, [{"run_state": "cancelled", "exit_reason": "exited"}]
        )

    def test_who_is_archived_leaves(self):
        person = self._member()
        run = self._enrol(self._journey(), person)
        person.active = False
        self._process()
        self.assertEqual(run.exit_reason, "archived")

    # ------------------------------------------------------------------------- waits
    def _waiting(self, **values):
        wait = {"kind": "wait", "template_id": False, **values}
        journey = self._journey(
            self._step(),
            self._step(1, **wait),
            self._step(1, code="after"),
            self._step(1, code="last", category="service"),
            goal="none",
            category="service",
        )
        run = self._enrol(journey, self._member())
        self._process()
        self._process(1)
        return run

    def _opens(self, run, moment):
        trace = run.delivery_ids[:1].trace_id
        with freeze_time(moment):
            trace.set_sent()
            trace.sent_datetime = moment - timedelta(minutes=5)
            trace.set_opened()
            self._dispatch()

    def test_a_wait_ends_when_it_happens(self):
        run = self._waiting(wait_until="opened", wait_timeout_hours=10)
        self.assertEqual(len(self._log(run)), 1)
        self._opens(run, NOON + timedelta(hours=3))
        self.assertEqual(run.delivery_ids.state, "opened")
        self._process(3)
        self.assertIn(("after", "queued", False), self._log(run))

    def test_a_wait_ends_at_its_timeout(self):
        for action, codes in (
            ("continue", ["after", "last"]),
            ("skip_next", ["last"]),
            ("exit", []),
        ):
            with self.subTest(action=action):
                run = self._waiting(
                    wait_until="clicked",
                    wait_timeout_hours=4,
                    wait_timeout_action=action,
                )
                self._process(4)
                self.assertEqual(len(self._log(run)), 1)
                self._process(5)
                self.assertEqual([code for code, *_r in self._log(run)][1:], codes)

    def test_a_machine_that_opens_at_once_is_nobody(self):
        run = self._waiting(wait_until="opened", wait_timeout_hours=10)
        trace = run.delivery_ids.trace_id
        trace.set_sent()
        trace.set_opened()
        self._dispatch()
        self.assertFalse(run.delivery_ids.opened_at)
        self.assertEqual(trace.trace_status, "sent")

    def test_conditions_that_make_no_sense_are_refused(self):
        for values in (
            {"goal": "orders", "goal_domain": "[('nonsense', '=', 1)]"},
            {"goal": "orders", "goal_domain": "not python"},
            {"goal": "event"},
            {"exit_condition": "[('current_stage', 'whatever', 'x')]"},
            {"holdout_percent": 101},
        ):
            with self.subTest(**values), self.assertRaises(ValidationError):
                self._journey(**values)
        for values in (
            {"condition": "[('nonsense', '=', 1)]"},
            {"delay_hours": -1},
            {"split": "A", "split_weight": 0},
        ):
            with self.subTest(**values), self.assertRaises(ValidationError):
                self._journey(self._step(**values))
