from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOON, FeedbackCommon
from .test_answer_page import FeedbackPageCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestFeedbackEdges(FeedbackCommon):
    """What happens late, twice, or to those who are gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._survey("milestone", {"order_count": 99})
        cls.person = cls._member()

    def _case_of(self, response):
        return self.cases.search([("response_id", "=", response.id)])

    # -------------------------------------------------------------------- forgetting
    def test_erasing_a_contact_forgets_what_was_said_for_the_firm(self):
        firm = self._member(is_company=True, user_id=self._seller().id)
        people = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": firm.id, "email": f"{name}@example.com"}
                for name in ("rahima", "karim")
            ]
        )
        survey = self._survey(cooldown_days=0)
        cases = self.cases
        for contact in people:
            invitation = self._asks(survey, firm)
            invitation.addressee_id = contact
            cases |= self._case_of(self._answers(invitation, 2, contact.name))
        cases.note = "Talked"
        self.engine._anonymize_customer(people[0])
        self.assertNotIn("rahima", str(cases[0].activity_ids.mapped("note")))
        self.assertFalse(cases[0].note)
        self.assertFalse(cases[0].followup_response)
        self.assertEqual((cases[1].state, cases[1].note), ("open", "Talked"))
        self.assertIn("karim", str(cases[1].activity_ids.note))

    # ------------------------------------------------------------------------ links
    def test_nobody_is_sent_a_link_that_is_not_valid_any_more(self):
        invitation = self._asks(self.survey, self.person)
        self._process(0)
        invitation.expires_at = NOON + 2 * DAY
        self._process(24 * 3)
        self.assertEqual(
            self._log(invitation),
            [("ask", "queued", False), ("remind", "skipped", "expired")],
        )

    def test_nobody_is_asked_about_an_order_that_was_cancelled(self):
        survey = self._survey("post_order", {"delay_hours": 24}, cooldown_days=0)
        orders = [self._buys(self._member()) for _customer in range(2)]
        orders[0]._action_cancel()
        self._process(25)
        logs = {}
        for order in orders:
            domain = [
                ("survey_id", "=", survey.id),
                ("customer_id", "=", order.partner_id.id),
            ]
            logs[order] = self._log(self.invitations.search(domain))
        self.assertEqual(
            list(logs.values()),
            [[("ask", "skipped", "order_cancelled")], [("ask", "queued", False)]],
        )

    def test_a_reminder_comes_while_answers_are_taken(self):
        for days in (3, 5):
            with self.assertRaisesRegex(ValidationError, "reminder_days"):
                self._survey(valid_days=3, reminder_days=days)
        self.assertTrue(self._survey(valid_days=3, reminder_days=2))
        self.assertTrue(self._survey(valid_days=1, reminder_days=0))
        self.assertTrue(self._survey(valid_days=1, channel="website"))

    def test_two_who_were_asked_and_became_one_answer_once(self):
        other = self._member()
        kept, gone = (self._asks(self.survey, p) for p in (self.person, other))
        self._process(0)
        for each in (kept, gone):
            each.delivery_ids.write({"state": "sent", "sent_at": NOON})
        old = self._token(gone)
        with freeze_time(NOON + DAY):
            self._merge_partners(other, self.person)
            self.feedback.submit_response(old, 9)
            self._dispatch()
            again = self.feedback.submit_response(self._token(kept), 9)
        self.assertEqual(again["result"], "unchanged")
        self._process(24 * 4)
        self.assertEqual(self._log(kept), [("ask", "sent", False)])
        self.assertEqual(kept.exit_reason, "goal_reached")

    # ------------------------------------------------------------------ after a day
    def test_what_is_added_after_a_day_is_welcome(self):
        invitation = self._asks(self.survey, self.person)
        response = self._answers(invitation, 2)
        later = NOON + 3 * DAY
        self._answers(invitation, 2, "Sour milk", now=later)
        self.assertEqual(response.followup_response, "Sour milk")
        self.assertEqual(response.changed_at, later)
        for score, comment in ((9, None), (2, "Sweet milk")):
            with self.assertRaisesRegex(ValidationError, "24 hours"):
                self._answers(invitation, score, comment, now=later)
        self.assertEqual((response.score, response.change_count), (2, 0))

    def test_who_asks_for_a_call_takes_the_case_up_again(self):
        self.person.user_id = self._seller()
        invitation = self._asks(self.survey, self.person)
        response = self._answers(invitation, 2)
        case = self._case_of(response)
        case.outcome = "unreachable"
        case.action_close()
        ticket = self.links._read_token(self._token(invitation), NOON)
        for _twice in range(2):
            self.feedback._answer(
                ticket, 2, None, NOON + 2 * DAY, may_call=True, call_phone="017"
            )
        self.assertEqual(case.state, "open")
        self.assertIn("017", case.activity_ids.note)
        self.assertEqual(len(case.activity_ids), 1)

    def test_who_waits_while_a_survey_stands_still_is_asked_all_the_same(self):
        survey = self._survey(config={"delay_hours": 48}, valid_days=10)
        self._buys(self.person)
        invitation = self._of(survey)
        before = invitation.expires_at
        with freeze_time(NOON + DAY):
            survey.action_stop()
        with freeze_time(NOON + 31 * DAY):
            survey.action_start()
        self.env.invalidate_all()
        self.assertEqual(invitation.expires_at, before + 30 * DAY)
        self._process(24 * 32 + 1)
        self.assertEqual(self._log(invitation), [("ask", "queued", False)])

    def test_a_person_gets_what_was_said_for_the_firm(self):
        firm = self._member(is_company=True)
        contact = self._member(parent_id=firm.id)
        self._buys(contact)
        invitation = self._asks(self._survey(), firm)
        self.assertEqual(invitation.addressee_id, contact)
        self._answers(invitation, 3, "Said for the firm")
        manager = self._user_of(
            self.shop, "p_manager", "customer_lifecycle.group_lifecycle_manager"
        )
        engine = self.env["lifecycle.engine"].with_user(manager)
        for person in (contact, firm):
            found = engine.get_personal_data(person.id)["nps.response"]["rows"]
            self.assertEqual(len(found), 1)
        stranger = self._member(parent_id=firm.id)
        self.assertNotIn("nps.response", engine.get_personal_data(stranger.id))

    def test_a_prompt_of_a_survey_that_was_stopped(self):
        survey = self._survey(channel="website")
        order = self._buys(self.person)
        token = self.links._prompt_token(survey, order)
        with freeze_time(NOON):
            survey.action_stop()
            with self.assertRaisesRegex(ValidationError, "closed by now"):
                self.feedback.submit_response(token, 9)

    # ---------------------------------------------------------------------- reading
    def test_late_is_what_the_field_says(self):
        self.shop.partner_id.tz = "Pacific/Auckland"
        case = self._case_of(self._answers(self._asks(self.survey, self.person), 2))
        deadline = fields.Datetime.to_datetime(case.deadline)
        told = set()
        for hours in range(0, 48, 6):
            with freeze_time(deadline + timedelta(hours=hours)):
                case.invalidate_recordset()
                told.add(case.is_overdue)
                found = self.cases.search([("is_overdue", "=", True)])
                self.assertEqual(case in found, case.is_overdue, hours)
                rest = self.cases.search([("is_overdue", "=", False)])
                self.assertEqual(case in rest, not case.is_overdue, hours)
        self.assertEqual(told, {True, False})

    def test_customers_read_their_answers_whole_but_not_their_stage(self):
        user = self._user_of(self.shop, "answers_read", "base.group_portal")
        self.lifecycle.sudo()._ensure(user.partner_id, self.shop, NOON)
        self._answers(self._asks(self.survey, user.partner_id), 3, "Sour")
        (found,) = self.env["nps.response"].with_user(user).search_read([])
        self.assertEqual(found["followup_response"], "Sour")
        self.assertFalse({"stage", "case_ids"} & set(found))

    def test_texts_that_no_database_keeps_are_refused(self):
        invitation = self._asks(self.survey, self.person)
        with self.assertRaisesRegex(ValidationError, "comment"):
            self._answers(invitation, 9, "\ud800")
        for text in ("\0", "\ud800"):
            with self.assertRaisesRegex(ValidationError, "search"):
                self.feedback.get_verbatims(search=text)


@tagged("post_install", "-at_install")
class TestFeedbackPageEdges(FeedbackPageCase):
    def _answered_long_ago(self, score):
        self._post(score)
        response = self._response()
        response.responded_at -= timedelta(hours=25)
        return response

    def test_asking_what_may_be_done_does_nothing(self):
        address = f"{self.base_url()}{self._path()}?score=9"
        for method in ("OPTIONS", "HEAD", "PUT", "DELETE"):
            self.opener.request(method, address, timeout=30)
            self.assertFalse(self._response(), method)

    def test_after_a_day_the_page_offers_what_it_takes(self):
        response = self._answered_long_ago("2")
        for path in (self._path(), f"{self._path()}?change=1"):
            text = self.url_open(path).text
            self.assertNotIn("change=1", text)
            self.assertNotIn("o_feedback_score", text)
            self.assertIn("o_feedback_words", text)
            self.assertIn("o_feedback_call", text)
        self.assertEqual(self._post("2", comment="Sour").status_code, 200)
        page = self._post("2", call="1", phone="017")
        self.assertIn("We will call you", page.text)
        self.assertEqual((response.followup_response, response.score), ("Sour", 2))

    def test_files_are_no_scores(self):
        path = self._path()
        for files in (
            {"score": ("a.txt", b"9")},
            {"score": (None, "9"), "comment": ("a.txt", b"words")},
        ):
            self.assertEqual(self.url_open(path, files=files).status_code, 422)
        files = {"score": (None, "2"), "call": (None, "1"), "phone": ("a.txt", b"9")}
        self.assertLess(self.url_open(path, files=files).status_code, 500)
