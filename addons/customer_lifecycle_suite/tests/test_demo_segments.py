from datetime import datetime

from odoo.tests import freeze_time, tagged

from odoo.addons.customer_preference.tests.common import PreferenceCommon

MOMENT = datetime(2040, 6, 13, 6)


@tagged("post_install", "-at_install")
class TestDemoSegments(PreferenceCommon):
    """The demo shop has segments, and a campaign that lives on one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls.env["lifecycle.demo"].with_company(cls.shop)
        cls.campaigns = cls.env["engagement.campaign"]
        cls.segments = cls.env["customer.segment"]

    def _told(self):
        with freeze_time(MOMENT):
            started = self.demo._start_campaigns()
        return started.filtered(lambda campaign: campaign.code == "second_order")

    def test_a_campaign_runs_on_a_segment(self):
        campaign = self._told()
        self.assertTrue(campaign.is_active)
        self.assertEqual(campaign.trigger_type, "segment")
        self.assertEqual(campaign.holdout_percent, 15)
        self.assertEqual(campaign.target_segment_id.name, "Bought once")
        self.assertTrue(all(campaign.step_ids.mapped("template_id")))
        self.assertTrue(campaign.step_ids[1].includes_offer)
        mine = [("company_id", "=", self.shop.id)]
        self.assertEqual(self.segments.search_count(mine), 2)

    def test_a_story_that_goes_on_makes_them_once(self):
        campaign = self._told()
        self.assertEqual(self._told(), campaign)
        mine = [("company_id", "=", self.shop.id)]
        self.assertEqual(self.segments.search_count(mine), 2)
