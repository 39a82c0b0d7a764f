from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .race_common import RaceCase


@tagged("post_install", "-at_install")
class TestCsatRace(RaceCase):
    """Real connections on which one customer rates at once."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            user = new_test_user(
                env,
                "csat_race",
                "base.group_portal",
                partner_id=self.person,
                company_id=self.company,
                company_ids=[(6, 0, [self.company])],
            )
            self.user = user.id
        self.addCleanup(self._clean_ratings)

    def _clean_ratings(self):
        with self._transaction() as env:
            self._delete(env, "csat_response", "company_id", self.company)
            env["res.users"].browse(self.user).unlink()

    def _rates(self, number_of):
        def rate(env, number):
            service = env["nps.service"].with_user(self.user)
            return service.submit_csat("support", number_of(number), 5)["result"]

        return self._race(2, rate)

    def _ratings(self):
        with self._transaction() as env:
            ratings = env["csat.response"].search([("company_id", "=", self.company)])
            told = env["lifecycle.event"].search_count(
                [
                    ("company_id", "=", self.company),
                    ("event_type", "=", "csat_answered"),
                ]
            )
            return len(ratings), told

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_clicks_are_one_rating_and_nobody_hears_of_an_index(self):
        outcomes = self._rates(lambda _number: 7)
        self.assertEqual(sorted(outcomes), ["changed", "recorded"])
        self.assertEqual(self._ratings(), (1, 1))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_requests_that_are_made_up_at_once_are_one_rating(self):
        outcomes = self._rates(lambda number: 7 + number)
        self.assertEqual(sorted(outcomes), ["changed", "recorded"])
        self.assertEqual(self._ratings(), (1, 1))
