"""What a second tester tried, and what must never work again."""

from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestLeaks(JourneyCommon):
    def _dry(self, journey):
        found = journey.dry_run(3, NOON)
        return {(r["step"], r["outcome"]): r["count"] for r in found["days"]}

    def _sms_run(self, *more, **values):
        person = self._member()
        step = self._step(
            channel="sms", template_id=False, body="Milk {{ object.name }}"
        )
        run = self._enrol(self._journey(step, *more, **values), person)
        self._process()
        return run

    @freeze_time(NOON)
    def test_failed_mail_retried_after_order(self):
        run = self._enrol(self._journey(), self._member())
        self._process()
        mail = run.delivery_ids.mail_mail_id
        mail.state = "exception"
        self.deliveries._follow_traces()
        self.assertEqual(run.delivery_ids.state, "failed")
        self._order(run.customer_id, NOON, company=self.shop)
        self._say(run.customer_id, "withdrawn", occurred_at=NOON)
        mail.action_retry()
        self.assertTrue(
            mail._stopped(), "retried mail leaves after order and objection"
        )

    def test_used_code_called_back(self):
        offer = self.env["journey.offer"].create(
            {"name": "x", "value": 5, "company_id": self.shop.id}
        )
        step = self._step(includes_offer=True)
        journey = self._journey(step, self._step(48), offer_id=offer.id, goal="none")
        run = self._enrol(journey, self._member())
        self._process()
        order = self._create_order(run.customer_id, amount=100, company=self.shop)
        order._try_apply_code(run.delivery_ids.offer_code)
        order._update_programs_and_rewards()
        for coupon, rewards in order._get_claimable_rewards().items():
            order._apply_program_reward(rewards[:1], coupon)
        order.action_confirm()
        self.env.flush_all()
        with mute_logger("odoo.sql_db"):
            run.action_cancel()
        self.assertEqual(run.run_state, "cancelled")

    def test_merged_then_erased(self):
        source = self._member(name="Karim Secret", email="secret@example.com")
        target = self._member(name="Karim Target", email="target@example.com")
        run = self._enrol(self._journey(), source)
        self._process()
        trace = run.delivery_ids.trace_id
        message = run.delivery_ids.mail_mail_id.mail_message_id
        self._merge_partners(source, target)
        self.engine._anonymize_customer(target)
        self.env.invalidate_all()
        self.assertNotIn(
            "ecret",
            str(
                [
                    trace.email,
                    message.subject,
                    message.mail_ids.mapped("body_html"),
                    message.mail_ids.mapped("email_to"),
                ]
            ),
        )

    def test_sms_erased(self):
        run = self._sms_run()
        sms, trace, phone = (
            run.delivery_ids.sms_id,
            run.delivery_ids.trace_id,
            run.customer_id.phone,
        )
        self.engine._anonymize_customer(run.customer_id)
        self.env.invalidate_all()
        self.assertNotIn(phone, str([trace.sms_number, sms.number, sms.body]))

    def test_sms_of_a_deleted_customer(self):
        # Whoever consented cannot be deleted: the ledger stays.
        person = self._member(agreed=False)
        step = self._step(channel="sms", template_id=False, body="Milk")
        run = self._enrol(self._journey(step, category="service"), person)
        self._process()
        sms = run.delivery_ids.sms_id
        self.assertEqual(sms.state, "outgoing")
        run.customer_id.unlink()
        self.assertEqual(sms.state, "canceled")

    def test_completed_run_erased(self):
        person = self._member(name="Karim Secret", email="secret@example.com")
        run = self._enrol(self._journey(self._step()), person)
        self._process()
        self.assertEqual(run.run_state, "done")
        mail = run.delivery_ids.mail_mail_id
        self.engine._anonymize_customer(person)
        person.write({"name": "x", "email": False})
        with freeze_time(NOON):
            mail._stopped()
        self.env.invalidate_all()
        self.assertEqual(mail.state, "cancel")
        self.assertNotIn("ecret", str([mail.email_to, mail.body_html]))

    def test_mass_sms_to_list_counts(self):
        person = self._member()
        contact = self.env["mailing.contact"].create({"name": "x"})
        mailing = self._create_mailing(
            mailing_type="sms",
            body_plaintext="x",
            mailing_model_id=self.env["ir.model"]._get_id("mailing.contact"),
        )
        trace = self.env["mailing.trace"].create(
            {
                "trace_type": "sms",
                "mass_mailing_id": mailing.id,
                "model": "mailing.contact",
                "res_id": contact.id,
                "sms_number": person.phone_sanitized,
            }
        )
        with freeze_time(NOON):
            trace.set_sent()
        self.assertEqual(
            self._verdict(person, NOON + timedelta(hours=1), channel="sms"),
            ("hold", "frequency_cap"),
        )

    def test_mass_sms_respects_withdrawal(self):
        person = self._member()
        self._say(person, "withdrawn", channel="sms", occurred_at=NOON)
        mailing = self._create_mailing(
            mailing_type="sms",
            body_plaintext="x",
            mailing_domain=[("id", "=", person.id)],
        )
        mailing.action_send_sms()
        self.env.flush_all()
        trace = mailing.mailing_trace_ids
        self.assertNotIn("outgoing", trace.mapped("trace_status"))

    def test_sms_undelivered_after_pending(self):
        run = self._sms_run()
        delivery = run.delivery_ids
        tracker = delivery.sms_id.sms_tracker_id
        tracker._action_update_from_sms_state("pending")
        self.deliveries._follow_traces()
        self.assertEqual(delivery.state, "sent")
        tracker._action_update_from_sms_state("error", failure_type="sms_not_delivered")
        self.deliveries._follow_traces()
        self.env.invalidate_all()
        self.assertEqual(delivery.trace_id.trace_status, "error")
        self.assertEqual(delivery.state, "failed")

    def test_dry_run_newsletter(self):
        journey = self._journey(self._step())
        person = self._member()
        self._say(
            person, "withdrawn", topic=self.news, occurred_at=NOON - timedelta(days=1)
        )
        dry = self._dry(journey)
        run = self._enrol(journey, person)
        self._process()
        self.assertEqual(self._states(run), [("skipped", "topic_opt_out")])
        self.assertEqual([k[1] for k in dry], ["topic_opt_out"])

    def test_mail_cancelled_by_hand(self):
        run = self._enrol(self._journey(goal="none"), self._member())
        self._process()
        run.delivery_ids.mail_mail_id.cancel()
        self.deliveries._follow_traces()
        self.env.invalidate_all()
        self.assertNotEqual(run.delivery_ids.state, "queued")

    def test_mail_deleted_by_hand(self):
        run = self._enrol(self._journey(goal="none"), self._member())
        self._process()
        run.delivery_ids.mail_mail_id.unlink()
        self.deliveries._follow_traces()
        self.env.invalidate_all()
        self.assertNotEqual(run.delivery_ids.state, "queued")

    def test_held_delivery_of_ended_run(self):
        run = self._enrol(self._journey(), self._member())
        self._process(10)  # night
        self.assertEqual(self._states(run), [("held", "quiet_hours")])
        run.action_cancel()
        self.env.invalidate_all()
        self.assertNotEqual(run.delivery_ids.state, "held")

    def test_ended_runs_held_are_never_purged(self):
        run = self._enrol(self._journey(), self._member())
        self._process(10)
        run.action_cancel()
        self.env["journey.delivery.summary"]._summarise(
            NOON + timedelta(days=4000), 100000
        )
        self.assertFalse(run.delivery_ids.exists())

    def test_new_contact_in_form_says_nothing(self):
        sales = self._user_of(
            self.shop,
            "seller",
            "sales_team.group_sale_salesman,base.group_partner_manager",
        )
        with Form(self.env["res.partner"].with_user(sales)) as form:
            form.name = "New one"
            form.email = "newone@example.com"
        partner = form.record
        self.assertFalse(
            self.ledger.sudo()
            .search([("customer_id", "=", partner.id)])
            .mapped("status")
        )

    def test_copy(self):
        journey = self._journey()
        with mute_logger("odoo.sql_db"):
            copy = journey.copy()
        self.assertTrue(copy.step_ids)

    def test_texts_name_what_writer_may_not_see(self):
        marketer = self._user_of(
            self.shop, "writer", "customer_lifecycle.group_lifecycle_manager"
        )
        self._member()
        with self.assertRaises(AccessError):
            self.env["account.move"].with_user(marketer).check_access("read")
        journey = self._journey(start=False)
        with self.assertRaises(ValidationError):
            journey.step_ids[0].with_user(
                marketer
            ).body = "{{ customer.invoice_ids.amount_total }}"

    def test_test_run_lines_of_others(self):
        other = self._create_company()
        mine = self._user_of(
            self.shop,
            "m1",
            "customer_lifecycle.group_lifecycle_manager",
            email="m1@example.com",
        )
        theirs = self._user_of(other, "m2", "customer_lifecycle.group_lifecycle_user")
        person = self._member(name="Karim Secret", company_id=self.shop.id)
        journey = self._journey()
        env = self.env(user=mine)
        wizard = env["journey.test.run"].create(
            {
                "definition_model": journey._name,
                "definition_id": journey.id,
                "customer_id": person.id,
            }
        )
        wizard.action_send()
        self.assertIn("Secret", str(wizard.line_ids.mapped("body")))
        foreign = (
            self.env["journey.test.run.line"]
            .with_user(theirs)
            .with_context(allowed_company_ids=other.ids)
        )
        try:
            seen = str(foreign.search([]).mapped("body"))
        except AccessError:
            seen = ""
        self.assertNotIn("Secret", seen)

    def test_merge_reentry_never(self):
        journey = self._journey(self._step(), self._step(48))
        source, target = self._member(), self._member()
        done = self._enrol(journey, target, now=NOON - timedelta(days=5))
        self.scheduler.process_due(NOON - timedelta(days=5))
        self.scheduler.process_due(NOON - timedelta(days=2))
        self.assertEqual(done.run_state, "done")
        second = self._enrol(journey, source)
        self._merge_partners(source, target)
        self._process()
        self.assertEqual(self._states(second), [])

    def test_put_off_counts_when_it_leaves(self):
        person = self._member()
        run = self._enrol(self._journey(self._step(), goal="none"), person)
        self._process(8.9)  # 20:54
        mail = run.delivery_ids.mail_mail_id
        with freeze_time(NOON + timedelta(hours=9, minutes=5)):
            self.assertTrue(mail._stopped())
        with freeze_time(NOON + timedelta(hours=21)):
            self.assertFalse(mail._stopped())  # leaves at 9:00 on the 14th
        run2 = self._enrol(
            self._journey(self._step(), goal="none"),
            person,
            now=NOON + timedelta(hours=32.95),
        )
        self._process(32.95)  # 20:57 of the 14th: twelve hours later
        self.assertEqual(self._states(run2)[0][0], "held")

    def test_sms_in_process_keeps_mailing_done(self):
        run = self._sms_run()
        mailing = run.step_id.mailing_id or run.delivery_ids.trace_id.mass_mailing_id
        run.delivery_ids.sms_id.sms_tracker_id._action_update_from_sms_state("process")
        run.delivery_ids.sms_id.sms_tracker_id._action_update_from_sms_state("pending")
        self.env.invalidate_all()
        self.assertEqual(mailing.state, "done")

    def test_preferred_in_dry_run(self):
        person = self._create_customer(phone="+8801711888777", email="p13@example.com")
        self.lifecycle.sudo()._ensure(person, self.shop, NOON)
        self._say(
            person,
            "withdrawn",
            topic=self.news,
            channel="email",
            occurred_at=NOON - timedelta(days=1),
        )
        journey = self._journey(
            self._step(channel="preferred", body="x", category="service"),
            category="service",
        )
        dry = self._dry(journey)
        run = self._enrol(journey, person)
        self._process()
        self.assertEqual(
            next((s, r) for s, r in self._states(run))[1] or "send",
            next(k[1] for k in dry),
        )
