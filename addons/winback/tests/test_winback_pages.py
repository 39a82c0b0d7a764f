from odoo.tests import tagged

from .page_common import WinbackPageCase

LIST = "/odoo/winback"


@tagged("post_install", "-at_install")
class TestWinbackPages(WinbackPageCase):
    """Every page, opened in a browser by the people whom it is for."""

    # High enough to show the whole of a page.
    browser_size = "1400x1900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_people()
        cls.campaign = cls._create_campaign()
        cls._tell(cls.campaign)
        cls._create_campaign(
            name="Long lost",
            code="tour_lost",
            min_days_inactive=181,
            max_days_inactive=400,
            holdout_percent=0,
        )
        cls.env.flush_all()

    def test_marketer_sees_a_campaign(self):
        page = f"{LIST}/{self.campaign.id}"
        ready = ".o_journey_steps .o_kanban_record"
        self._look("winback-campaign", page, ready, "tour_marketer")
        self._look_after("winback-audience", page, ready, ".o_winback_count")
        self._look_after(
            "winback-step",
            page,
            ready,
            ".o_kanban_record:nth-child(2) .o_journey_step_text",
        )
        self._look_after(
            "winback-limits", page, ready, ".o_notebook .nav-link[name=limits]"
        )
