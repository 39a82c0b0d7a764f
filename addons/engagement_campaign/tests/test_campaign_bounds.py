from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOON, CampaignCommon

USER = "customer_lifecycle.group_lifecycle_user"


@freeze_time(NOON)
@tagged("post_install", "-at_install")
class TestCampaignBounds(CampaignCommon):
    """What looks right at first sight, and would not do what was meant."""

    def _sequence(self, *steps):
        return [
            {"delay_hours": 24 * place, "template_id": self.template.id, **step}
            for place, step in enumerate(steps)
        ]

    def _refused(self, text, **values):
        with self.assertRaises(ValidationError) as refused:
            self._campaign(start=False, **values)
        self.assertIn(text, str(refused.exception))

    def test_the_list_is_the_order_of_the_steps(self):
        steps = self._sequence({"step": 2}, {"step": 1})
        self._refused("email_sequence[1].step", email_sequence=steps)
        gaps = self._sequence({"step": 1}, {"step": 5}, {})
        campaign = self._campaign(start=False, email_sequence=gaps)
        campaign.invalidate_recordset()
        self.assertEqual([s["step"] for s in campaign.email_sequence], [1, 2, 3])

    def test_whole_numbers_are_not_cut(self):
        steps = self._sequence({"split": "a", "split_weight": 1.9})
        self._refused("split_weight", email_sequence=steps)
        steps = self._sequence({"deadline_days": 0.5})
        self._refused("deadline_days", email_sequence=steps)

    def test_dates_have_dashes(self):
        schedule = {"kind": "calendar", "date": "20410101"}
        config = {"trigger_type": "schedule", "schedule": schedule}
        self._refused("date", config=config)

    def test_nobody_orders_two_and_a_half_times(self):
        config = {"trigger_type": "milestone", "milestone": "orders", "target": 2}
        campaign = self._campaign(config, start=False)
        with self.assertRaises(ValidationError):
            campaign.milestone_targets = "2.5"
        campaign.write({"milestone": "revenue", "milestone_targets": "2.5"})
        with self.assertRaises(ValidationError):
            campaign.milestone = "orders"

    def test_a_running_campaign_is_not_emptied(self):
        campaign = self._campaign()
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            campaign.email_sequence = []
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            campaign.step_ids = [(5, 0, 0)]
        campaign.action_stop()
        campaign.email_sequence = []
        self.assertFalse(campaign.step_ids)

    def test_an_audience_stays_in_its_company(self):
        segment = self.env["customer.segment"].create(
            {"name": "Far away", "company_id": self.shop.id, "domain": "[]"}
        )
        self._campaign(start=False, target_segment_id=segment.id)
        with self.assertRaises(ValidationError):
            segment.company_id = self._create_company()

    def test_only_orders_since_the_entry_convert(self):
        person = self._member()
        old, new = (self._buys(person, hours) for hours in (-48, 1))
        campaign = self._campaign({"trigger_type": "event", "event_type": "signup"})
        number = self.service.start_playbook(campaign.code, person.id)
        number = number["enrollment_id"]
        with self.assertRaises(ValidationError):
            self.service.mark_converted(number, old.id)
        self.service.mark_converted(number, new.id)
        run = self.enrollments.browse(number)
        self.assertEqual(run.conversion_order_id, new)

    def test_taking_consent_back_on_the_way_is_unsubscribing(self):
        said, silent = self._member(), self._member(agreed=False)
        campaign = self._campaign(hours=(0, 48))
        for person in (said, silent):
            self.service.start_playbook(campaign.code, person.id)
        self._process(1)
        self._say(said, "withdrawn", occurred_at=NOON + timedelta(hours=2))
        self._process(49)
        self.assertEqual(self._of(campaign, said).status, "unsubscribed")
        self.assertEqual(self._of(campaign, silent).status, "completed")

    def test_codes_are_found(self):
        offer = self._offer(code_prefix="FIND-")
        steps = self._sequence({"offer": True})
        campaign = self._campaign(email_sequence=steps, offer_id=offer.id)
        found, other = self._member(), self._member()
        for person in (found, other):
            self.service.start_playbook(campaign.code, person.id)
        self._process()
        run = self._of(campaign, found)
        self.assertTrue(run.offer_code.startswith("FIND-"))
        search = self.enrollments.search
        self.assertEqual(search([("offer_code", "=", run.offer_code)]), run)
        self.assertEqual(search([("offer_code", "ilike", "find-")]), self._of(campaign))

    def test_another_name_of_a_group_keeps_the_places(self):
        person = self._member()
        first = self._campaign(exclusive_group="old")
        self.service.start_playbook(first.code, person.id)
        first.exclusive_group = "new"
        for group, enters in (("new", False), ("old", True)):
            rival = self._campaign(exclusive_group=group)
            found = self.service.start_playbook(rival.code, person.id)
            self.assertEqual(found["created"], enters, group)

    def test_figures_are_for_marketers(self):
        group = "sales_team.group_sale_salesman"
        clerk = new_test_user(self.env, "bounds_clerk", group, company_id=self.shop.id)
        campaign = self._campaign().with_user(clerk)
        for method in ("get_statistics", "get_course", "get_lift", "get_total_revenue"):
            with self.assertRaises(AccessError, msg=method):
                getattr(campaign, method)()

    def test_a_preview_tells_of_the_gift(self):
        offer = self._offer(name="Free jar")
        steps = self._sequence({"offer": True}, {})
        campaign = self._campaign(email_sequence=steps, offer_id=offer.id)
        first, second = campaign.step_ids
        self.assertIn("Free jar", first.preview)
        self.assertNotIn("Free jar", second.preview)

    def test_a_product_is_found_by_its_name_in_another_shop(self):
        product = self.env["product.product"].create(
            {"name": "Jar", "default_code": "JAR-EXCHANGE"}
        )
        config = {"type": "product", "product_id": product.id}
        campaign = self._campaign(start=False, offer_config=config)
        data = campaign.export_json()
        self.assertEqual(data["product"]["default_code"], "JAR-EXCHANGE")
        # Another shop has other ids.
        elsewhere = {**data["offer_config"], "product_id": product.id + 10**6}
        data |= {"code": "elsewhere", "offer_config": elsewhere}
        twin = self.campaigns.browse(self.campaigns.import_json(data))
        self.assertEqual(twin.offer_id.product_id, product)
        product.default_code = "ANOTHER"
        with self.assertRaises(ValidationError) as refused:
            self.campaigns.import_json({**data, "code": "nowhere"})
        self.assertIn("JAR-EXCHANGE", str(refused.exception))
