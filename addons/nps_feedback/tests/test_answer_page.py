from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.customer_lifecycle.tests.common import LifecycleCommon


class FeedbackPageCase(HttpCase):
    """A shop with a survey, and a customer who is asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.company"].create(
            {"name": "Page Dairy", "email": "shop@example.com"}
        )
        cls.shop.write({"quiet_hours_start": 0, "quiet_hours_end": 0})
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.shop.ids}
        )
        cls.person = cls._create_person()
        cls.survey = cls.env["nps.survey"].create(
            {
                "name": "Page",
                "code": "page",
                "company_id": cls.shop.id,
                "target_domain": "[]",
                "cooldown_days": 0,
                "review_url": "https://reviews.example.com/dairy",
                "is_active": True,
            }
        )
        cls.invitation = cls._invite(cls.person)

    @classmethod
    def _create_person(cls, **values):
        number = next(LifecycleCommon.numbers)
        return cls.env["res.partner"].create(
            {"name": "Rahima", "email": f"page{number}@example.com", **values}
        )

    @classmethod
    def _invite(cls, person):
        found = cls.env["nps.service"].send_survey(cls.survey.code, person.id)
        return cls.env["nps.invitation"].sudo().browse(found["invitation_id"])

    @classmethod
    def _path(cls, invitation=None):
        invitation = invitation or cls.invitation
        return f"/feedback/{cls.env['nps.link']._token(invitation)}"

    def _response(self, invitation=None):
        return (invitation or self.invitation).response_ids

    def _post(self, score=None, path=None, **values):
        data = {**({} if score is None else {"score": score}), **values}
        return self.url_open(path or self._path(), data=data or {"x": "1"})


@tagged("post_install", "-at_install")
class TestAnswerPage(FeedbackPageCase):
    """What the page does with requests of people and of machines."""

    def test_looking_records_nothing(self):
        path = self._path()
        for score in range(11):
            for suffix in (f"?score={score}", f"?score={score}&change=1", ""):
                got = self.url_open(path + suffix)
                self.assertEqual(got.status_code, 200)
                head = self.url_open(path + suffix, method="HEAD")
                self.assertEqual(head.status_code, 200)
        self.assertFalse(self._response())
        self.assertFalse(self.invitation.answered_at)

    def test_two_hundred_looks_of_a_scanner_record_nothing(self):
        path = self._path()
        for number in range(100):
            self.url_open(f"{path}?score={number % 11}")
            self.url_open(f"{path}?score={number % 11}", method="HEAD")
        self.assertFalse(self._response())

    def test_the_page_shows_the_score_of_the_link(self):
        text = self.url_open(self._path() + "?score=9").text
        self.assertIn(self.survey.question_text, text)
        self.assertIn('aria-pressed="true"', text)
        self.assertIn("You chose", text)
        for nonsense in ("11", "-1", "nine", "", "<b>", "99999999999999999999"):
            text = self.url_open(self._path() + f"?score={nonsense}").text
            self.assertNotIn("You chose", text)
            self.assertNotIn("<b>&", text)

    def test_the_link_is_kept_from_others(self):
        headers = self.url_open(self._path()).headers
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_a_button_records_without_scripts(self):
        page = self._post("9")
        self.assertEqual(page.status_code, 200)
        self.assertEqual(self._response().score, 9)
        self.assertIn(self.survey.followup_promoter, page.text)
        self.assertIn("reviews.example.com", page.text)
        self.assertIn("wa.me", page.text)

    def test_promoters_passives_and_detractors_are_asked_what_fits(self):
        for score, expected, other in (
            (10, "followup_promoter", "followup_detractor"),
            (7, "followup_passive", "followup_promoter"),
            (2, "followup_detractor", "followup_promoter"),
        ):
            text = self._post(str(score)).text
            self.assertIn(self.survey[expected].split("?")[0], text)
            self.assertNotIn(self.survey[other].split("?")[0], text)
            self.assertEqual("May we call you?" in text, score == 2)

    def test_zero_is_a_score_like_any_other(self):
        text = self.url_open(self._path() + "?score=0").text
        self.assertIn('<input type="hidden" name="score" value="0"/>', text)
        self.assertIn('name="score" value="0" aria-pressed="true"', text)
        text = self._post("0").text
        self.assertEqual(self._response().score, 0)
        self.assertIn('<input type="hidden" name="score" value="0"/>', text)

    def test_words_and_a_call(self):
        self._post("2")
        page = self._post("2", comment="The milk <b>was</b> sour")
        self.assertIn("The milk &lt;b&gt;was&lt;/b&gt; sour", page.text)
        page = self._post("2", call="1", phone="01711 000000")
        self.assertIn("We will call you", page.text)
        response = self._response()
        self.assertEqual(response.followup_response, "The milk <b>was</b> sour")
        self.assertEqual(
            (response.may_call, response.call_phone), (True, "01711 000000")
        )

    def test_bad_scores_are_refused_with_a_word(self):
        for score in ("11", "-1", "nine", "", " 9", "9.5", "1e1", "٩", None):
            with self.subTest(score=score):
                page = self._post(score)
                self.assertEqual(page.status_code, 422)
                self.assertIn("score", page.text)
        self.assertFalse(self._response())

    def test_links_that_are_not_valid(self):
        stale = self._path()
        self.invitation.expires_at = fields.Datetime.now() - timedelta(hours=1)
        for path in ("/feedback/x", f"/feedback/{'A' * 90}", stale):
            for page in (self.url_open(path), self._post("9", path)):
                self.assertEqual(page.status_code, 404)
                self.assertIn("not valid any more", page.text)
        self.assertFalse(self._response())

    def test_a_replay_after_a_day_is_told_so(self):
        self._post("9")
        response = self._response()
        response.responded_at -= timedelta(hours=25)
        page = self._post("1")
        self.assertEqual(page.status_code, 422)
        self.assertIn("24 hours", page.text)
        self.assertEqual(response.score, 9)

    def test_the_answer_can_be_changed(self):
        self._post("9")
        text = self.url_open(self._path() + "?change=1").text
        self.assertIn("o_feedback_score", text)
        # The link of the mail, opened again, shows what was answered.
        self.assertIn("o_feedback_given", self.url_open(self._path() + "?score=3").text)
        self._post("8")
        self.assertEqual(self._response().score, 8)

    def test_the_page_speaks_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.survey.with_context(
            lang="fr_FR"
        ).question_text = "Nous recommanderiez-vous ?"
        self.person.lang = "fr_FR"
        self.assertIn("Nous recommanderiez-vous", self.url_open(self._path()).text)
