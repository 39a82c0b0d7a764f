import base64
from datetime import timedelta

from lxml import html
from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOON, FeedbackCommon

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestAnswer(FeedbackCommon):
    """One answer per invitation, by whoever has the link."""

    def setUp(self):
        super().setUp()
        self.survey = self._survey()
        self.person = self._member()
        self.invitation = self._asks(self.survey, self.person)
        with freeze_time(NOON):
            self.token = self._token(self.invitation)

    def _submit(self, score, comment=None, token=None, now=NOON, user=None):
        service = self.feedback.with_user(user) if user else self.feedback
        with freeze_time(now):
            return service.submit_response(token or self.token, score, comment)

    def _refused(self, word, *arguments, **values):
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            self._submit(*arguments, **values)
        self.assertIn(word, str(caught.exception))

    # ---------------------------------------------------------------------- record
    def test_the_categories_of_the_scores(self):
        self.assertEqual(self.survey.followup_promoter, "What do you love about us?")
        expected = ["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2
        for score, category in enumerate(expected):
            with self.subTest(score=score):
                found = self._submit(score)
                self.assertEqual(found["category"], category)
                self.assertEqual(found["followup"], self.survey[f"followup_{category}"])

    def test_what_is_recorded(self):
        row = self._row(self.person, self.shop)
        row.current_stage = "active"
        found = self._submit(9, " Fresh milk ")
        response = self.responses.browse(found["response_id"])
        self.assertRecordValues(
            response,
            [
                {
                    "survey_id": self.survey.id,
                    "invitation_id": self.invitation.id,
                    "customer_id": self.person.id,
                    "company_id": self.shop.id,
                    "score": 9,
                    "first_score": 9,
                    "category": "promoter",
                    "followup_response": "Fresh milk",
                    "trigger_context": {"source": "service"},
                    "responded_at": NOON,
                    "stage": "active",
                }
            ],
        )
        self.assertEqual(self.invitation.status, "answered")
        self.assertEqual(self.invitation.answered_at, NOON)

    def test_the_same_again_changes_nothing(self):
        first = self._submit(9)
        again = self._submit(9, now=NOON + 100 * HOUR)
        self.assertEqual(first["result"], "recorded")
        self.assertEqual(again["result"], "unchanged")
        self.assertEqual(len(self.invitation.response_ids), 1)

    def test_a_change_within_a_day_keeps_the_first_on_the_timeline(self):
        self._submit(3)
        found = self._submit(9, now=NOON + 23 * HOUR)
        self.assertEqual(found["result"], "changed")
        response = self.invitation.response_ids
        self.assertEqual((response.score, response.first_score), (9, 3))
        events = self.events.search(
            [("res_model", "=", "nps.response"), ("res_id", "=", response.id)],
            order="id",
        )
        self.assertEqual(
            [(e.event_type, e.data["score"], e.data["first_score"]) for e in events],
            [("survey_answered", 3, 3), ("survey_changed", 9, 3)],
        )
        self._refused("24", 2, now=NOON + 25 * HOUR)
        self.assertEqual(response.score, 9)

    def test_words_may_follow_the_score(self):
        self._submit(7)
        self.assertEqual(self._submit(7, "More yoghurt")["result"], "changed")
        self.assertEqual(self._submit(7, None)["result"], "unchanged")
        self.assertEqual(self.invitation.response_ids.followup_response, "More yoghurt")

    # ------------------------------------------------------------------- bad input
    def test_scores_that_are_none(self):
        for score in (11, -1, "9", "", None, False, True, 9.0, 9.5, [9], {}, 2**40):
            with self.subTest(score=score):
                self._refused("score", score)
        self.assertFalse(self.invitation.response_ids)

    def test_words_that_are_none(self):
        for comment in (5, ["a"], "nul\0", True):
            with self.subTest(comment=comment):
                self._refused("comment", 9, comment)
        self._submit(9, "x" * 10_000)
        self.assertEqual(len(self.invitation.response_ids.followup_response), 5000)

    def test_the_database_knows_the_range(self):
        self._submit(9)
        response = self.invitation.response_ids
        for score in (11, -1):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self.cr.execute(
                    "UPDATE nps_response SET score = %s WHERE id = %s",
                    [score, response.id],
                )

    def test_the_database_takes_one_answer_per_invitation(self):
        self._submit(9)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.cr.savepoint(),
        ):
            self.invitation.response_ids.copy()

    # ---------------------------------------------------------------------- tokens
    def test_forged_tokens(self):
        raw = base64.urlsafe_b64decode(self.token + "===")
        other = self._member()
        stolen = raw.replace(
            f'"customer": {self.person.id}'.encode(),
            f'"customer": {other.id}'.encode(),
        )
        forged = [
            "",
            "x",
            "x" * 60,
            self.token[:-4] + "AAAA",
            self.token + "é",
            base64.urlsafe_b64encode(stolen).decode().rstrip("="),
            base64.urlsafe_b64encode(raw[:1] + bytes(8) + raw[9:]).decode().rstrip("="),
            base64.urlsafe_b64encode(b"\x02" + raw[1:]).decode().rstrip("="),
            None,
            5,
            [self.token],
        ]
        for token in forged:
            with (
                self.subTest(token=token),
                self.assertRaises(ValidationError) as caught,
            ):
                self.feedback.submit_response(token, 9)
            self.assertIn("not valid", str(caught.exception))
        self.assertFalse(self.invitation.response_ids)

    def test_tokens_of_other_scopes(self):
        unsubscribe = self.env["contact.unsubscribe"]._token(
            self.person, self.env.ref("customer_preference.topic_feedback")
        )
        self._refused("not valid", 9, token=unsubscribe)

    def test_expired_tokens(self):
        self._refused("not valid", 9, now=self.invitation.expires_at)
        self._submit(9, now=self.invitation.expires_at - HOUR)

    def test_an_invitation_that_expires_earlier_takes_its_token_along(self):
        self.invitation.expires_at = NOON + HOUR
        self._refused("not valid", 9, now=NOON + 2 * HOUR)

    def test_the_token_of_somebody_elses_invitation(self):
        other = self._asks(self.survey, self._member())
        with freeze_time(NOON):
            mixed = self.links._token(self.invitations.browse(other.id))
        self._submit(2, token=mixed)
        self.assertFalse(self.invitation.response_ids)
        self.assertEqual(other.response_ids.score, 2)
        other.customer_id = self._member()
        self._refused("not valid", 3, token=mixed)

    def test_who_is_archived_answers_no_more(self):
        self.person.active = False
        self._refused("not valid", 9)

    def test_an_old_link_answers_for_who_is_left_after_a_merge(self):
        target = self._member()
        self._merge_partners(self.person, target)
        self.assertFalse(self.person.exists())
        self.assertEqual(self.invitation.customer_id, target)
        found = self._submit(2, "Sour")
        response = self.responses.browse(found["response_id"])
        self.assertEqual(response.customer_id, target)
        self.assertEqual(response.invitation_id, self.invitation)
        self.assertEqual(self._submit(2)["result"], "unchanged")

    def test_the_link_of_who_was_merged_is_not_everybodys(self):
        target, third = self._member(), self._member()
        self._merge_partners(self.person, target)
        self.invitation.customer_id = third
        self._refused("not valid", 9)

    def test_the_link_is_for_the_system_alone(self):
        marketer = self._user_of(
            self.shop, "reads_links", "customer_lifecycle.group_lifecycle_user"
        )
        self.assertIn("/feedback/", self.invitation.answer_link)
        mine = self.invitation.sudo(False).with_user(marketer)
        self.assertFalse(mine.answer_link)
        self.assertFalse(mine.answer_buttons)

    def test_buttons_of_many_are_each_their_own(self):
        """They are drawn once for all: nobody may answer in another's name."""
        others = [self._asks(self.survey, self._member()) for _each in range(2)]
        invitations = self.invitation.union(*others)
        for invitation in invitations:
            root = html.fromstring(invitation.answer_buttons)
            self.assertEqual(
                root.xpath("//a/@href"),
                [f"{invitation.answer_link}?score={score}" for score in range(11)],
            )
        self.assertEqual(len(set(invitations.mapped("answer_buttons"))), 3)

    # ------------------------------------------------------------------------ who
    def test_whoever_has_the_token_answers(self):
        user = new_test_user(self.env, "with_token", "base.group_portal")
        found = self._submit(10, user=user)
        self.assertEqual(found["result"], "recorded")
        response = self.responses.browse(found["response_id"])
        self.assertEqual(response.customer_id, self.person)

    def test_nobody_writes_answers_by_hand(self):
        self._submit(9)
        marketer = self._user_of(
            self.shop, "writes_answers", "customer_lifecycle.group_lifecycle_manager"
        )
        response = self.invitation.response_ids.sudo(False).with_user(marketer)
        self.assertEqual(response.score, 9)
        for write in (lambda: response.write({"score": 10}), response.unlink):
            with self.assertRaises(AccessError):
                write()
