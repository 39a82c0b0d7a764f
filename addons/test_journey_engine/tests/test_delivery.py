from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestDelivery(JourneyCommon):
    def test_every_message_that_is_not_sent_has_its_reason(self):
        silent = self._member(agreed=False)
        mute = self._member(email=False)
        stopped = self._member()
        self._say(stopped, "withdrawn", topic=self.offers)
        runs = self._enrol(
            self._journey(self._step(), topic_id=self.offers.id), silent, mute, stopped
        )
        self._process()
        self.assertEqual(
            {run.customer_id: self._states(run)[0] for run in runs},
            {
                silent: ("skipped", "no_consent"),
                mute: ("skipped", "no_address"),
                stopped: ("skipped", "topic_opt_out"),
            },
        )
        self.assertEqual(set(runs.mapped("run_state")), {"done"})

    def test_a_held_message_goes_out_later_and_does_not_move_the_next_step(self):
        run = self._enrol(self._journey(), self._member(tz="Asia/Dhaka"))
        self._process(6)  # midnight in Dhaka
        self.assertEqual(self._states(run), [("held", "quiet_hours")])
        self.assertEqual(run.next_step_at, NOON + timedelta(hours=15))
        self._process(15)
        self.assertRecordValues(
            run.delivery_ids, [{"state": "queued", "reason": False, "times_held": 1}]
        )
        self.assertEqual(run.next_step_at, NOON + timedelta(hours=48))

    def test_the_higher_priority_gets_what_a_cap_leaves(self):
        person = self._member()
        low = self._enrol(self._journey(self._step(), priority=1), person)
        high = self._enrol(self._journey(self._step(), priority=2), person)
        self._process()
        self.assertEqual(self._states(high), [("queued", False)])
        self.assertEqual(self._states(low), [("held", "frequency_cap")])
        self._process(24)
        self.assertEqual(self._states(low), [("queued", False)])

    def test_a_message_that_waits_too_long_is_skipped_and_the_run_moves_on(self):
        run = self._enrol(self._journey(), self._member())
        self._process(73)
        self.assertEqual(self._states(run)[0], ("skipped", "expired"))
        self.assertEqual(run.steps_completed, 2)

    def test_the_control_group_walks_in_silence(self):
        journey = self._journey(self._step(), holdout_percent=100)
        run = self._enrol(journey, self._member())
        self._process()
        self.assertEqual(self._states(run), [("skipped", "holdout")])
        self.assertFalse(run.delivery_ids.mail_mail_id)
        self.assertFalse(self.log.search([("customer_id", "=", run.customer_id.id)]))

    def test_a_condition_is_asked_when_the_step_is_due(self):
        condition = "[('total_orders', '>', 0)]"
        journey = self._journey(self._step(condition=condition), self._step(1))
        run = self._enrol(journey, self._member())
        self._process()
        self.assertEqual(self._states(run), [("skipped", "condition")])
        self.assertEqual(run.steps_completed, 1)

    def test_a_thousand_are_processed_in_as_few_statements_as_ten(self):
        counts = []
        for number in (10, 100):
            people = [self._member() for _each in range(number)]
            self._enrol(self._journey(self._step()), self._member())
            self._process()
            self._enrol(self._journey(self._step()), *people)
            before = self.env.cr.sql_log_count
            self.assertEqual(self._process(), number)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_a_bad_customer_stops_nobody_else(self):
        body = "<p t-out=\"1 / (0 if object.name == 'Bad' else 1)\"/>"
        journey = self._journey(self._step(template_id=self._template(body).id))
        bad, good = self._member(name="Bad"), self._member(name="Good")
        runs = self._enrol(journey, bad, good)
        with self.assertLogs("odoo.addons.journey_engine", "WARNING"):
            for hour in range(4):
                self._process(hour)
        by_name = {run.customer_id.name: run for run in runs}
        self.assertEqual(self._states(by_name["Good"]), [("queued", False)])
        self.assertEqual(self._states(by_name["Bad"]), [("failed", "render_error")])
        self.assertIn("ZeroDivisionError", by_name["Bad"].delivery_ids.error)
        self.assertEqual(by_name["Bad"].run_state, "done")

    def test_two_companies_speak_for_themselves(self):
        other = self._create_company()
        journey = self._journey(self._step())
        foreign = self._journey(self._step(), company_id=other.id)
        person = self._member()
        self._say(person, "withdrawn")
        self.lifecycle.sudo()._ensure(person, other, NOON)
        self.ledger.with_company(other)._record(
            person, "email", "granted", None, source="staff"
        )
        run, other_run = self._enrol(journey, person), self._enrol(foreign, person)
        self._process()
        self.assertEqual(self._states(run), [("skipped", "no_consent")])
        self.assertEqual(self._states(other_run), [("queued", False)])

    # -------------------------------------------------------------------- channels
    def test_an_sms_is_queued_with_its_tracking(self):
        step = self._step(
            channel="sms", template_id=False, body="Milk, {{ object.name }}"
        )
        person = self._member()
        self._say(person, "granted", channel="sms")
        journey = self._journey(step)
        run = self._enrol(journey, person)
        self._process()
        sms = run.delivery_ids.sms_id
        trace = run.delivery_ids.trace_id
        stop = f"{journey.get_base_url()}/sms/{trace.mass_mailing_id.id}/"
        stop += trace.sms_code
        self.assertRecordValues(
            sms,
            [
                {
                    "body": f"Milk, {person.name}\nSTOP SMS: {stop}",
                    "state": "outgoing",
                    "number": person.phone,
                }
            ],
        )
        self.assertEqual(run.delivery_ids.trace_id.sms_id_int, sms.id)

    def test_the_salesperson_is_told(self):
        for channel, model in (
            ("activity", "mail.activity"),
            ("internal", "mail.message"),
        ):
            with self.subTest(channel=channel):
                step = self._step(channel=channel, title="Call {{ object.name }}")
                person = self._member(user_id=self.env.ref("base.user_admin").id)
                before = self.env[model].search([], order="id desc", limit=1).id or 0
                run = self._enrol(self._journey(step), person)
                self._process()
                self.assertEqual(self._states(run), [("sent", False)])
                new = self.env[model].search([("id", ">", before)])
                text = str(new.mapped("body" if channel == "internal" else "summary"))
                self.assertIn(f"Call {person.name}", text)

    def test_nobody_in_charge_is_a_reason(self):
        run = self._enrol(
            self._journey(self._step(channel="activity", title="Call")), self._member()
        )
        self._process()
        self.assertEqual(self._states(run), [("skipped", "no_owner")])

    def test_preferred_is_the_best_channel_the_customer_agreed_to(self):
        step = self._step(channel="preferred", body="Milk")
        texted, mailed = self._member(), self._member()
        self._say(texted, "granted", channel="sms")
        self._say(mailed, "withdrawn", channel="sms")
        runs = self._enrol(self._journey(step), texted, mailed)
        self._process()
        found = {run.customer_id: run.delivery_ids.channel for run in runs}
        self.assertEqual(found, {texted: "sms", mailed: "email"})

    def test_files_of_the_template_go_along(self):
        leaflet = self.env["ir.attachment"].create(
            {"name": "leaflet.txt", "raw": b"Milk is good"}
        )
        self.template.attachment_ids = leaflet
        runs = self._enrol(self._journey(), self._member(), self._member())
        self._process()
        for mail in runs.delivery_ids.mail_mail_id:
            self.assertEqual(mail.attachment_ids, leaflet)

    def test_a_bridge_adds_a_channel(self):
        run = self._enrol(self._journey(self._step(channel="postcard")), self._member())
        self._process()
        self.assertEqual(self._states(run), [("sent", False)])
        self.assertEqual(run.delivery_ids.channel, "postcard")

    # ---------------------------------------------------------------- shared address
    def test_an_address_that_two_customers_share_gets_one_message(self):
        first = self._member(email="family@example.com")
        second = self._member(email="Family@example.com")
        runs = self._enrol(self._journey(self._step()), first, second)
        self._process()
        self.assertEqual(
            sorted(self._states(runs)), [("held", "frequency_cap"), ("queued", False)]
        )

    def test_a_failed_write_leaves_nothing_behind(self):
        run = self._enrol(self._journey(), self._member())
        self.env.flush_all()
        with (
            self.assertRaises(ZeroDivisionError),
            patch.object(
                type(self.scheduler), "_advance", side_effect=ZeroDivisionError
            ),
            self.env.cr.savepoint(),
        ):
            self._process()
        self.env.invalidate_all()
        self.assertFalse(self._log(run))
        self.assertEqual(run.steps_completed, 0)
