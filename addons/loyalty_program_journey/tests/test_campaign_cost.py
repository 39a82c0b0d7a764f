from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.engagement_campaign.tests.common import CampaignCommon

from .bonus_common import BonusCommon

FAILED = {"trigger_type": "event", "event_type": "payment_failed"}


@tagged("post_install", "-at_install")
class TestCampaignCost(BonusCommon, CampaignCommon):
    """Points that campaigns gave are in their statistics."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_club()

    def test_points_cost_what_they_were_worth(self):
        campaign = self._campaign(FAILED, offer_id=self._bonus().id, holdout_percent=0)
        other = self._campaign(FAILED, start=False)
        for person in [self._member(), self._member()]:
            self._happens(person, "payment_failed")
        self._hand_out()
        self._process(1)
        self.env.invalidate_all()
        self.assertEqual(campaign.offer_cost, 4)
        self.assertEqual(campaign.get_statistics()["offer_cost"], 4)
        self.assertEqual(other.offer_cost, 0)

    def test_the_offer_as_json(self):
        campaign = self._campaign(FAILED, start=False)
        config = {
            "type": "bonus_points",
            "value": 200,
            "program_code": self.program.code,
        }
        campaign.offer_config = config
        self.assertEqual(campaign.offer_id.points_program_id, self.program)
        self.assertEqual(campaign.offer_config, config)
        for wrong in (
            {**config, "program_code": "nowhere"},
            {**config, "value": "many"},
            {**config, "points": 5},
        ):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                campaign.offer_config = wrong
