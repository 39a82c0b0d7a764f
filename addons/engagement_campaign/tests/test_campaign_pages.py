from odoo.tests import tagged

from .page_common import CampaignPageCase

LIST = "/odoo/campaigns"


@tagged("post_install", "-at_install")
class TestCampaignPages(CampaignPageCase):
    """Every page, opened in a browser by the people whom it is for."""

    # High enough to show the whole of a page.
    browser_size = "1400x1800"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_people()
        cls.campaign = cls._create_campaign()
        cls._walk(cls.campaign, cls.people)
        cls.segment = cls.env["customer.segment"].create(
            {
                "name": "Regulars",
                "company_id": cls.company.id,
                "domain": "[('total_orders', '>=', 1)]",
            }
        )
        cls._create_campaign(
            name="Happy birthday",
            code="tour_birthday",
            campaign_type="anniversary",
            trigger_config={
                "trigger_type": "schedule",
                "schedule": {"kind": "birthday"},
            },
        )
        cls.env.flush_all()

    def test_marketer_sees_the_campaigns(self):
        self._look("campaigns", LIST, ".o_data_row, .o_kanban_record", "tour_marketer")
        self._look(
            "campaigns-kanban",
            f"{LIST}?view_type=kanban",
            ".o_kanban_record, .o_data_row",
            "tour_marketer",
        )

    def test_marketer_sees_a_campaign(self):
        self._look(
            "campaign",
            f"{LIST}/{self.campaign.id}",
            ".o_journey_steps .o_kanban_record",
            "tour_marketer",
        )

    def test_marketer_sees_what_a_step_says(self):
        page = f"{LIST}/{self.campaign.id}"
        ready = ".o_journey_steps .o_kanban_record"
        mail = ".o_kanban_record:nth-child(3) .o_journey_step_text"
        self._look_after("step", page, ready, mail)
        self._look_after("step-as-on-a-phone", page, ready, mail, "[data-width=phone]")
        call = ".o_kanban_record:nth-child(4) .o_journey_step_text"
        self._look_after("step-call", page, ready, call)
        for tab in ("goal", "limits"):
            click = f".o_notebook .nav-link[name={tab}]"
            self._look_after(f"campaign-{tab}", page, ready, click)
        self._look_after("campaign-reach", page, ready, ".o_journey_count")

    def test_marketer_sees_the_participants(self):
        page = "/odoo/campaign-participants"
        self._look(
            "participants", page, ".o_data_row, .o_kanban_record", "tour_marketer"
        )
        told = self.env["campaign.enrollment"].search(
            [("campaign_id", "=", self.campaign.id), ("status", "=", "converted")],
            limit=1,
        )
        self._look(
            "participant", f"{page}/{told.id}", ".o_journey_log_mark", "tour_marketer"
        )

    def test_marketer_sees_the_statistics(self):
        page = "/odoo/campaign-statistics"
        self._look("statistics-all", page, ".o_journey_overview", "tour_marketer")
        self._look(
            "statistics",
            f"{page}?campaign={self.campaign.id}",
            ".o_journey_statistics canvas",
            "tour_marketer",
        )

    def test_marketer_sees_the_segments(self):
        page = "/odoo/customer-segments"
        self._look("segments", page, ".o_data_row, .o_kanban_record", "tour_marketer")
        self._look(
            "segment",
            f"{page}/{self.segment.id}",
            ".o_field_domain",
            "tour_marketer",
        )


@tagged("post_install", "-at_install")
class TestCampaignPagesPhone(TestCampaignPages):
    """The same pages on a phone."""

    browser_size = "390x2200"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestEmptyCampaignPages(CampaignPageCase):
    """A shop that has none yet."""

    def test_marketer_is_led_to_the_playbooks(self):
        self._look("campaigns-empty", LIST, ".o_view_nocontent", "tour_marketer")
        self._look(
            "statistics-empty",
            "/odoo/campaign-statistics",
            ".o_lifecycle_message",
            "tour_marketer",
        )
