import threading
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

CLICKS = 100


@tagged("post_install", "-at_install")
class TestAnswerRace(BaseCase):
    """A hundred real connections answer one invitation at once."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            company = env["res.company"].create({"name": "Race Dairy"})
            env = env(context={"allowed_company_ids": company.ids})
            person = env["res.partner"].create(
                {"name": "Racer", "email": "racer@example.com"}
            )
            survey = env["nps.survey"].create(
                {
                    "name": "Race",
                    "code": "race",
                    "company_id": company.id,
                    "target_domain": "[]",
                    "is_active": True,
                }
            )
            found = env["nps.service"].send_survey("race", person.id)
            self.invitation = found["invitation_id"]
            self.ids = (company.id, person.id, survey.id)
            self.token = env["nps.link"]._token(
                env["nps.invitation"].browse(self.invitation)
            )
        self.addCleanup(self._clean)

    @contextmanager
    def _transaction(self):
        with Registry(get_db_name()).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _clean(self):
        company, person, survey = self.ids
        with self._transaction() as env:
            env.cr.execute(
                "DELETE FROM lifecycle_event WHERE company_id = %s", [company]
            )
            env.cr.execute("DELETE FROM nps_response WHERE survey_id = %s", [survey])
            env.cr.execute("DELETE FROM journey_slot WHERE company_id = %s", [company])
            env.cr.execute("DELETE FROM nps_invitation WHERE survey_id = %s", [survey])
            env["nps.survey"].browse(survey).unlink()
            env["nps.survey"].search([("company_id", "=", company)]).unlink()
            env.cr.execute(
                "DELETE FROM customer_lifecycle WHERE company_id = %s", [company]
            )
            env["res.partner"].browse(person).unlink()
            env["res.company"].browse(company).active = False

    def _race(self, score_of):
        """Let everybody answer at once; return what came of it."""
        outcomes, barrier = [], threading.Barrier(CLICKS)

        def answer(number):
            barrier.wait(60)
            try:
                with self._transaction() as env:
                    service = env["nps.service"]
                    found = retrying(
                        lambda: service.submit_response(self.token, score_of(number)),
                        env,
                    )
                outcomes.append(found["result"])
            except Exception as error:  # noqa: BLE001
                outcomes.append(repr(error))

        # More connections than a process usually has.
        pool = patch.object(sql_db._Pool, "_maxconn", CLICKS + 50)
        pool.start()
        self.addCleanup(pool.stop)
        threads = [threading.Thread(target=answer, args=(n,)) for n in range(CLICKS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return outcomes

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
        outcomes = self._race(lambda _number: 9)
        self.assertEqual(outcomes.count("recorded"), 1, outcomes)
        self.assertEqual(outcomes.count("unchanged"), CLICKS - 1, outcomes)
        answers, events = self._answers()
        self.assertEqual(answers, [(9, 9)])
        self.assertEqual(events, ["survey_answered"])
