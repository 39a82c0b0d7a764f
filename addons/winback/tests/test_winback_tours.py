from odoo.tests import tagged

from .page_common import WinbackPageCase


@tagged("post_install", "-at_install")
class TestWinbackTours(WinbackPageCase):
    """What marketers and managers do, click by click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_people()

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
