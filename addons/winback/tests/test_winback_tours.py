from odoo.tests import tagged

from .page_common import WinbackPageCase


@tagged("post_install", "-at_install")
class TestWinbackTours(WinbackPageCase):
    """What marketers and managers do, click by click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_people()

    def test_manager_builds_starts_and_asks_back(self):
        self.start_tour(
            "/odoo/lifecycle-dashboard", "winback_build", login="tour_manager"
        )
        campaign = self.env["winback.campaign"].search(
            [("company_id", "=", self.company.id), ("name", "=", "Tour win-back")]
        )
        self.assertRecordValues(
            campaign,
            [
                {
                    "code": "tour_win_back",
                    "min_days_inactive": 60,
                    "max_days_inactive": 150,
                    "offer_type": "discount_percent",
                    "offer_value": 12,
                    "daily_limit": 5,
                    "is_active": True,
                }
            ],
        )
        self.assertEqual(campaign.offer_id.value, 12)
        self.assertEqual(
            campaign.step_ids.mapped("code"),
            ["we_miss_you", "what_changed", "last_chance"],
        )
        self.assertEqual(len(campaign.step_ids.template_id), 3)
        self.assertEqual(len(campaign.attempt_ids), 5)

    def test_marketer_loads_the_shipped_campaign(self):
        self.start_tour("/odoo/winback", "winback_load", login="tour_marketer")
        campaign = self.env["winback.campaign"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(campaign.mapped("code"), ["winback_lapsed"])
        self.assertFalse(campaign.is_active)

    def test_marketer_reads_results_and_takes_somebody_out(self):
        campaign = self._create_campaign(holdout_percent=0)
        self._tell(campaign)
        campaign._start(self.now, 3)
        running = campaign.attempt_ids.filtered(lambda a: a.run_state == "running")
        self.assertTrue(running)
        self.start_tour(
            "/odoo/winback-results", "winback_results", login="tour_marketer"
        )
        self.env.invalidate_all()
        left = campaign.attempt_ids.filtered(lambda a: a.run_state == "running")
        self.assertEqual(len(running) - len(left), 1)
