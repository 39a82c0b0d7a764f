from odoo.tests import tagged
from odoo.tools import mute_logger

from .race_common import RaceCase

CLICKS = 100


@tagged("post_install", "-at_install")
class TestAnswerRace(RaceCase):
    """A hundred real connections answer one invitation at once."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            env = env(context={"allowed_company_ids": [self.company]})
            survey = env["nps.survey"].create(
                {
                    "name": "Race",
                    "code": "race",
                    "company_id": self.company,
                    "target_domain": "[]",
                    "is_active": True,
                }
            )
            found = env["nps.service"].send_survey("race", self.person)
            self.survey, self.invitation = survey.id, found["invitation_id"]
            self.token = env["nps.link"]._token(
                env["nps.invitation"].browse(self.invitation)
            )
        self.addCleanup(self._clean_survey)

    def _clean_survey(self):
        with self._transaction() as env:
            survey = env["nps.survey"].browse(self.survey)
            for table in ("nps_response", "nps_invitation"):
                self._delete(env, table, "survey_id", survey.id)
            self._delete(env, "journey_slot", "company_id", self.company)
            survey.unlink()
            env["nps.survey"].search([("company_id", "=", self.company)]).unlink()

    def _answers(self):
        with self._transaction() as env:
            found = env["nps.response"].search(
                [("invitation_id", "=", self.invitation)]
            )
            events = env["lifecycle.event"].search(
                [("res_model", "=", "nps.response"), ("res_id", "in", found.ids)]
            )
            return [(r.score, r.first_score) for r in found], events.mapped(
                "event_type"
            )

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_hundred_clicks_are_one_answer(self):
        def answer(env, _number):
            return env["nps.service"].submit_response(self.token, 9)["result"]

        outcomes = self._race(CLICKS, answer)
        self.assertEqual(outcomes.count("recorded"), 1, outcomes)
        self.assertEqual(outcomes.count("unchanged"), CLICKS - 1, outcomes)
        answers, events = self._answers()
        self.assertEqual(answers, [(9, 9)])
        self.assertEqual(events, ["survey_answered"])
