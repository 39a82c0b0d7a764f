from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from odoo.addons.customer_lifecycle.const import STAGE_KEYS

from .common import Figures, MetricsCommon


@tagged("post_install", "-at_install")
class TestMetricsFigures(MetricsCommon, HttpCase):
    """What the page says equals what plain counts of the database say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.access._renew_token()
        cls.other = cls._create_company()

    def _scrape(self):
        self.env.flush_all()
        answer = self.url_open(
            "/metrics", headers={"Authorization": f"Bearer {self.token}"}
        )
        self.assertEqual(answer.status_code, 200)
        return Figures(answer.text)

    def _elsewhere(self):
        """A journey of the other company that a customer has entered."""
        company = self.other
        journey = self._journey(company_id=company.id, code="elsewhere")
        person = self._person()
        self.lifecycle.sudo()._ensure(person, company, fields.Datetime.now())
        self._enrol(journey, person, now=fields.Datetime.now())
        return journey

    def test_customers_by_company_and_stage(self):
        people = self._member() + self._member() + self._member()
        self.lifecycle.sudo()._ensure(people[0], self.other, fields.Datetime.now())
        self._rows_of(people[1])._write({"current_stage": "churned"})
        people[2].action_archive()
        expected = {
            (company.name, stage): self.lifecycle.sudo().search_count(
                [("company_id", "=", company.id), ("current_stage", "=", stage)]
            )
            for company in self.env["res.company"].search([])
            for stage in STAGE_KEYS
        }
        found = self._scrape().all("lifecycle_customers", "company", "stage")
        self.assertEqual(found, expected)
        self.assertEqual(found[self.shop.name, "churned"], 1)
        self.assertEqual(found[self.shop.name, "acquired"], 1)
        self.assertEqual(found[self.other.name, "acquired"], 1)

    def _rows_of(self, person):
        return self.lifecycle.sudo().search([("customer_id", "=", person.id)])

    def test_customers_who_entered_and_how_they_ended(self):
        journey = self._journey(code="two_mails")
        runs = self._walk(journey, *[self._member() for _each in range(4)])
        runs[0].action_cancel()
        runs[1]._end(runs[1].ids, "done", "goal_reached", fields.Datetime.now())
        self._elsewhere()
        figures = self._scrape()
        fired = self._rows(
            """
            SELECT j.code, c.name, count(r.id) FROM test_journey j
              JOIN res_company c ON c.id = j.company_id
              LEFT JOIN test_journey_run r ON r.definition_id = j.id GROUP BY 1, 2
            """
        )
        name = "crm_playbook_fired_total"
        # Campaigns of other addons count, too: nobody entered them.
        found = figures.all(name, "name", "company")
        self.assertEqual({k: found[k] for k in fired}, fired)
        self.assertFalse(any(found[k] for k in set(found) - set(fired)))
        self.assertEqual(
            figures.get(name, name="elsewhere", company=self.other.name), 1
        )
        ours = {"name": "two_mails", "company": self.shop.name}
        self.assertEqual(figures.get(name, **ours), 4)
        self.assertEqual(figures.get("lifecycle_runs_running", **ours), 2)
        for reason in ("by_hand", "goal_reached"):
            ended = figures.get("lifecycle_runs_ended_total", **ours, reason=reason)
            self.assertEqual(ended, 1)

    def test_the_control_group_counts_in_no_total(self):
        journey = self._journey(code="silent", holdout_percent=100)
        runs = self._walk(journey, self._member(), self._member())
        self.assertEqual(runs.mapped("is_holdout"), [True, True])
        runs[0]._end(runs[0].ids, "done", "goal_reached", fields.Datetime.now())
        figures = self._scrape()
        ours = {"name": "silent", "company": self.shop.name}
        self.assertEqual(figures.get("crm_playbook_fired_total", **ours), 0)
        self.assertEqual(figures.get("lifecycle_runs_running", **ours), 1)
        ended = figures.all("lifecycle_runs_ended_total", "name")
        self.assertNotIn(("silent",), ended)

    def test_recovered_is_what_runs_noted_of_themselves(self):
        runs = self._walk(self._journey(), *[self._member() for _each in range(3)])
        runs[0].recovered_at = fields.Datetime.now()
        # A goal is no rescue, whatever the code of the journey.
        runs[1]._end(runs[1].ids, "done", "goal_reached", fields.Datetime.now())
        found = self._scrape().all("crm_rescue_recovered_total", "company")
        self.assertEqual(found[(self.shop.name,)], 1)

    def test_due_and_late_runs(self):
        now = fields.Datetime.now()
        journey = self._journey(code="late")
        for minutes in (-60, -16, -14, -1, 30):
            self._enrol(journey, self._member(), now=now + timedelta(minutes=minutes))
        stopped = self._journey(code="stopped")
        self._enrol(stopped, self._member(), now=now - timedelta(hours=2))
        stopped.action_stop()
        figures = self._scrape()
        ours = {"name": "late", "company": self.shop.name}
        self.assertEqual(figures.get("lifecycle_runs_due", **ours), 4)
        self.assertEqual(figures.get("lifecycle_runs_late", **ours), 2)
        for name in ("lifecycle_runs_due", "lifecycle_runs_late"):
            self.assertEqual(figures.get(name, **{**ours, "name": "stopped"}), 0)
        self.assertEqual(figures.get("lifecycle_queue_length", queue="runs"), 4)
        age = figures.get("lifecycle_queue_oldest_seconds", queue="runs")
        self.assertAlmostEqual(age, 3600, delta=60)

    def test_deliveries_by_channel_state_and_reason(self):
        steps = [self._step(code="mail"), self._step(1, code="later")]
        agreed, silent = self._member(), self._member(agreed=False)
        runs = self._walk(self._journey(*steps), agreed, silent)
        runs[0].delivery_ids.trace_id.set_sent()
        self.deliveries._follow_traces()
        self._past(self.other, "sms", "skipped", "suppressed:a long story", 7)
        expected = self._rows(
            """
            SELECT c.name, coalesce(d.channel, ''), d.state,
                   split_part(coalesce(d.reason, ''), ':', 1), count(*)
              FROM journey_delivery d JOIN res_company c ON c.id = d.company_id
             GROUP BY 1, 2, 3, 4
            """
        )
        expected[self.other.name, "sms", "skipped", "suppressed"] = 7
        figures = self._scrape()
        labels = ("company", "channel", "state", "reason")
        found = figures.all("lifecycle_deliveries_by_state", *labels)
        self.assertEqual(found, expected)
        self.assertEqual(found[self.shop.name, "email", "sent", ""], 1)
        self.assertEqual(found[self.shop.name, "email", "skipped", "no_consent"], 1)
        mine = {"company": self.shop.name, "channel": "email"}
        self.assertEqual(figures.get("lifecycle_deliveries_total", **mine), 2)
        self.assertEqual(figures.get("lifecycle_messages_sent_total", **mine), 1)

    def _past(self, company, channel, state, reason, number):
        """Deliveries that became figures long ago."""
        self.env["journey.delivery.summary"].create(
            {
                "company_id": company.id,
                "definition_model": "test.journey",
                "definition_id": 1,
                "step_code": "x",
                "month": "2020-01-01",
                "channel": channel,
                "state": state,
                "reason": reason,
                "deliveries": number,
                "opened": 0,
                "clicked": 0,
            }
        )

    def test_what_is_held_is_not_decided_yet(self):
        run = self._walk(self._journey(self._step(code="mail")), self._member())
        self.env.cr.execute(
            "UPDATE journey_delivery SET state = 'held' WHERE id = ANY(%s)",
            [run.delivery_ids.ids],
        )
        figures = self._scrape()
        mine = {"company": self.shop.name, "channel": "email"}
        self.assertEqual(figures.get("lifecycle_deliveries_total", **mine), 0)
        held = figures.get(
            "lifecycle_deliveries_by_state", **mine, state="held", reason=""
        )
        self.assertEqual(held, 1)

    def test_queues_of_events_mails_and_texts(self):
        now = fields.Datetime.now()
        people = self._member() + self._create_customer()
        self._clear_queues()
        for hours in (3, 1):
            self._record_event(now - timedelta(hours=hours), customer=people[1])
        self._walk(self._journey(self._step(code="mail")), people[0])
        self.env["mail.mail"].create({"body_html": "not of a journey"})
        texts = self.env["sms.sms"].create([{"number": "1", "body": "x"}] * 3)
        texts[2].state = "sent"
        figures = self._scrape()
        lengths = figures.all("lifecycle_queue_length", "queue")
        ages = figures.all("lifecycle_queue_oldest_seconds", "queue")
        expected = {"events": 2, "mail": 1, "sms": 2, "retries": 0, "runs": 0}
        self.assertEqual(lengths, {(k,): v for k, v in expected.items()})
        self.assertAlmostEqual(ages["events",], 3 * 3600, delta=60)
        self.assertLess(ages["mail",], 60)
        self.assertEqual(ages["retries",], 0)

    def _clear_queues(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE lifecycle_event SET is_pending = FALSE")
        self.env.cr.execute("UPDATE mail_mail SET state = 'cancel'")
        self.env.cr.execute("UPDATE sms_sms SET state = 'canceled'")
        self.env.cr.execute("DELETE FROM lifecycle_event_retry")

    def _record_event(self, moment, company=None, customer=None):
        number = next(self.numbers)
        self.events._record(
            [
                {
                    "customer_id": (customer or self._create_customer()).id,
                    "company_id": (company or self.shop).id,
                    "event_type": "signup",
                    "event_key": f"metrics:{number}",
                    "occurred_at": moment,
                }
            ]
        )
        return self.events.search([("event_key", "=", f"metrics:{number}")])

    def test_a_mail_that_was_put_off_does_not_wait(self):
        self._clear_queues()
        run = self._walk(self._journey(self._step(code="mail")), self._member())
        mail, now = run.delivery_ids.mail_mail_id, fields.Datetime.now()
        for hours, length, age in ((2, 0, 0), (-2, 1, 0)):
            mail.scheduled_date = now + timedelta(hours=hours)
            figures = self._scrape()
            self.assertEqual(
                figures.get("lifecycle_queue_length", queue="mail"), length
            )
            found = figures.get("lifecycle_queue_oldest_seconds", queue="mail")
            self.assertAlmostEqual(found, age, delta=60)

    def test_waiting_events_by_consumer_and_state(self):
        now = fields.Datetime.now()
        for company, state in (
            (self.shop, "waiting"),
            (self.shop, "failed"),
            (self.other, "failed"),
        ):
            event = self._record_event(now, company)
            values = {"event_id": event.id, "consumer": "facts", "state": state}
            self.retries.sudo().create(values)
        expected = self._rows(
            """
            SELECT c.name, r.consumer, r.state, count(*) FROM lifecycle_event_retry r
              JOIN res_company c ON c.id = r.company_id GROUP BY 1, 2, 3
            """
        )
        figures = self._scrape()
        found = figures.all("lifecycle_event_retries", "company", "consumer", "state")
        self.assertEqual(found, expected)
        self.assertEqual(found[self.other.name, "facts", "failed"], 1)

    def test_names_may_hold_any_character(self):
        code = 'quote " backslash \\ new\nline } comma, = é'
        company = self._create_company()
        company.name = 'A "B"\\\nC'
        self._journey(code=code, company_id=company.id)
        found = self._scrape().all("crm_playbook_fired_total", "name", "company")
        self.assertEqual(found[code, company.name], 0)

    def test_another_user_language_changes_no_name(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        user = self.env.ref("base.user_root")
        user.company_ids = [Command.link(self.shop.id)]
        before = set(self._scrape().samples)
        user.lang = "fr_FR"
        self.assertEqual(set(self._scrape().samples), before)
