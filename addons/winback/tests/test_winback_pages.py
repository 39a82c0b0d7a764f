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

    def test_marketer_sees_the_campaigns(self):
        self._look("winback", LIST, ".o_data_row, .o_kanban_record", "tour_marketer")
        kanban = f"{LIST}?view_type=kanban"
        self._look(
            "winback-kanban", kanban, ".o_kanban_record, .o_data_row", "tour_marketer"
        )

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

    def test_marketer_sees_the_attempts(self):
        page = "/odoo/winback-attempts"
        self._look(
            "winback-attempts", page, ".o_data_row, .o_kanban_record", "tour_marketer"
        )
        told = self.campaign.attempt_ids.filtered(lambda a: a.status == "won_back")
        self.assertTrue(told)
        self._look(
            "winback-attempt",
            f"{page}/{told[0].id}",
            ".o_journey_log_mark",
            "tour_marketer",
        )

    def test_marketer_sees_the_churned_customers(self):
        self._look(
            "winback-customers",
            "/odoo/churned-customers",
            ".o_data_row, .o_kanban_record",
            "tour_marketer",
        )

    def test_marketer_sees_the_results(self):
        page = "/odoo/winback-results"
        ready = ".o_winback_months"
        self._look("winback-results", page, ready, "tour_marketer")
        self._look(
            "winback-results-campaign",
            f"{page}?campaign={self.campaign.id}",
            ".o_journey_lifts",
            "tour_marketer",
        )


@tagged("post_install", "-at_install")
class TestWinbackPagesPhone(TestWinbackPages):
    """The same pages on a phone."""

    browser_size = "390x2400"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestEmptyWinbackPages(WinbackPageCase):
    """A shop that has none yet."""

    def test_marketer_is_led_to_the_campaign(self):
        self._look("winback-empty", LIST, ".o_view_nocontent", "tour_marketer")
        for name in ("attempts", "results"):
            self._look(
                f"winback-{name}-empty",
                f"/odoo/winback-{name}",
                ".o_view_nocontent, .o_lifecycle_message",
                "tour_marketer",
            )
        self._look(
            "winback-customers-empty",
            "/odoo/churned-customers",
            ".o_view_nocontent",
            "tour_marketer",
        )
