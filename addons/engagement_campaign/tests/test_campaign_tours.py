from odoo.tests import Form, tagged

from .page_common import CampaignPageCase

LIST = "/odoo/campaigns"


@tagged("post_install", "-at_install")
class TestCampaignTours(CampaignPageCase):
    """Campaigns built by hand are those that their JSON means."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_people()
        cls.mail = {"delay_hours": 0, "template_id": cls.template.id}
        cls.mail |= {"channel": "email"}

    def _build(self, kind, login="tour_marketer"):
        self.start_tour(LIST, f"campaign_build_{kind}", login=login, timeout=120)
        return self.env["engagement.campaign"].search(
            [("name", "=", f"Tour {kind.partition('_')[0]}")]
        )

    def _assert_twin(self, built, trigger, sequence, offer=None, **values):
        """The campaign that is made of JSON reads as the one made by hand."""
        self.assertEqual(len(built), 1)
        twin = self.env["engagement.campaign"].create(
            {
                "name": built.name,
                "code": f"{built.code}_twin",
                "company_id": self.company.id,
                "trigger_config": trigger,
                "email_sequence": sequence,
                "offer_config": offer or {},
                **values,
            }
        )
        exported = [self._export(campaign) for campaign in (built, twin)]
        self.assertEqual(*exported)
        self.assertEqual(built.trigger_config, trigger)

    def _export(self, campaign):
        found = campaign.export_json()
        found.pop("code")
        for step in found["email_sequence"]:
            # Steps made by hand have a code of their own.
            step.pop("code", None)
        return found

    def test_stage_entry(self):
        note = {
            "delay_hours": 51,
            "channel": "push",
            "name": "A note",
            "title": "We miss you",
            "body": "Come back, {{ object.name }}",
        }
        self._assert_twin(
            self._build("stage_entry"),
            {
                "trigger_type": "stage_entry",
                "stage": "at_risk",
                "from_stage": "active",
                "delay_hours": 2,
            },
            [{"step": 1, "name": "A mail", **self.mail}, {"step": 2, **note}],
        )

    def test_event_with_steps_that_were_dragged(self):
        built = self._build("event")
        self._assert_twin(
            built,
            {"trigger_type": "event", "event_type": "first_order_placed"},
            [
                {"step": 1, "name": "First", **self.mail},
                {"step": 2, "name": "Second", **self.mail, "delay_hours": 24},
            ],
            {"type": "discount", "value": 10},
        )
        self.assertEqual(built.offer_id, self.offer)

    def test_schedule(self):
        schedule = {"kind": "after_last_order", "days": 14, "hour": 10.5}
        self._assert_twin(
            self._build("schedule"),
            {"trigger_type": "schedule", "schedule": schedule},
            [{"step": 1, "name": "A mail", **self.mail}],
            holdout_percent=10,
            attribution_days=21,
        )

    def test_milestone_with_an_offer_of_its_own(self):
        built = self._build("milestone", "tour_manager")
        self._assert_twin(
            built,
            {
                "trigger_type": "milestone",
                "milestone": "orders",
                "target": [1, 5, 10],
            },
            [{"step": 1, "name": "A mail", **self.mail}],
            {"type": "discount", "value": 15},
        )
        self.assertEqual(built.offer_id.name, "Tour: a gift")

    def test_segment(self):
        segment = self.env["customer.segment"].create(
            {"name": "Tour segment", "company_id": self.company.id}
        )
        self._assert_twin(
            self._build("segment"),
            {"trigger_type": "segment"},
            [{"step": 1, "name": "A mail", **self.mail}],
            target_segment_id=segment.id,
            target_stage="active",
            max_sends_per_customer=2,
            exclusive_group="tour",
        )

    def test_discarding_leaves_a_campaign_as_it_was(self):
        campaign = self._create_campaign()
        before = campaign.export_json()
        self.start_tour(
            f"{LIST}/{campaign.id}", "campaign_discard", login="tour_marketer"
        )
        self.assertEqual(campaign.export_json(), before)

    def test_marketer_counts_starts_and_stops(self):
        campaign = self._create_campaign(
            name="Tour run",
            trigger_config={"trigger_type": "segment"},
            holdout_percent=0,
        )
        self.start_tour(f"{LIST}/{campaign.id}", "campaign_run", login="tour_marketer")
        self.assertFalse(campaign.is_active)
        self.assertFalse(campaign.enrollment_ids)

    def test_a_condition_is_kept_as_json(self):
        form = Form(self.env["engagement.campaign"].with_user(self.marketer))
        form.name = "By hand"
        form.trigger_stage = "at_risk"
        form.target_domain = "[('total_orders', '>', 3)]"
        campaign = form.save()
        self.assertEqual(campaign.code, "by_hand")
        self.assertEqual(campaign.target_conditions, [["total_orders", ">", 3]])


@tagged("post_install", "-at_install")
class TestWalkedCampaignTours(CampaignPageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._create_people()
        cls.campaign = cls._create_campaign()
        cls._walk(cls.campaign, cls.people)

    def test_marketer_takes_a_participant_out(self):
        enrollments = self.campaign.enrollment_ids
        running = enrollments.filtered(lambda e: e.run_state == "running")
        self.start_tour(
            "/odoo/campaign-participants",
            "campaign_participants",
            login="tour_marketer",
        )
        enrollments.invalidate_recordset()
        left = enrollments.filtered(lambda e: e.run_state == "running")
        self.assertEqual(len(running) - len(left), 1)

    def test_marketer_reads_the_statistics(self):
        self.start_tour(
            "/odoo/campaign-statistics", "campaign_statistics", login="tour_marketer"
        )


@tagged("post_install", "-at_install")
class TestPlaybookTour(CampaignPageCase):
    browser_size = "1400x1800"

    def test_an_empty_list_leads_to_the_playbooks(self):
        self.start_tour(LIST, "campaign_playbooks", login="tour_marketer")
        playbook = self.env["engagement.campaign"].search(
            [("code", "=", "winback"), ("company_id", "=", self.company.id)]
        )
        self.assertFalse(playbook.is_active)
        self._look("playbooks", LIST, ".o_data_row", "tour_marketer")
        page, ready = f"{LIST}/{playbook.id}", ".o_journey_steps .o_kanban_record"
        self._look("playbook", page, ready, "tour_marketer")
        self._look_after("playbook-step", page, ready, ".o_journey_step_text")
