import json

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import CampaignCommon

TRIGGER = {"trigger_type": "stage_entry", "stage": "at_risk", "delay_hours": 24}
OFFER = {"type": "discount", "value": 10, "code_prefix": "WINBACK"}


@tagged("post_install", "-at_install")
class TestJson(CampaignCommon):
    """The JSON fields of the contract are views of records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = cls.env["sms.template"].create(
            {
                "name": "Milk",
                "body": "Milk",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
            }
        )
        first, second, sms = cls.template.id, cls._template().id, cls.text.id
        cls.sequence = [
            {"step": 1, "delay_hours": 0, "template_id": first, "channel": "email"},
            {"step": 2, "delay_hours": 48, "template_id": second, "channel": "email"},
            {"step": 3, "delay_hours": 168, "template_id": sms, "channel": "sms"},
        ]

    def test_the_examples_load_and_read_back_verbatim(self):
        for wrap in (lambda value: value, json.dumps):
            campaign = self._campaign(
                wrap(TRIGGER),
                start=False,
                email_sequence=wrap(self.sequence),
                offer_config=wrap(OFFER),
            )
            campaign.invalidate_recordset()
            self.assertEqual(self._read(campaign, "trigger_config"), TRIGGER)
            self.assertEqual(self._read(campaign, "email_sequence"), self.sequence)
            self.assertEqual(self._read(campaign, "offer_config"), OFFER)
            self.assertEqual(campaign.get_steps(), self.sequence)

    def test_json_becomes_records(self):
        campaign = self._campaign(
            TRIGGER, False, email_sequence=self.sequence, offer_config=OFFER
        )
        self.assertRecordValues(
            campaign,
            [
                {
                    "trigger_type": "stage_entry",
                    "trigger_stage": "at_risk",
                    "delay_hours": 24,
                    "include_offer": True,
                }
            ],
        )
        self.assertRecordValues(
            campaign.step_ids,
            [
                {"delay_hours": 0, "channel": "email"},
                {"delay_hours": 48, "channel": "email"},
                {"delay_hours": 168, "channel": "sms"},
            ],
        )
        self.assertEqual(campaign.step_ids[2].sms_template_id, self.text)
        self.assertFalse(campaign.step_ids[2].template_id)
        self.assertRecordValues(
            campaign.offer_id,
            [{"offer_type": "discount_percent", "value": 10, "code_prefix": "WINBACK"}],
        )

    def test_records_become_json(self):
        campaign = self._campaign(TRIGGER, False, email_sequence=self.sequence)
        campaign.trigger_from_stage = "active"
        campaign.step_ids[1].write(
            {"condition": "[('total_orders', '>', 2)]", "name": "Again", "code": "two"}
        )
        self.assertEqual(
            self._read(campaign, "trigger_config"), {**TRIGGER, "from_stage": "active"}
        )
        step = {
            **self.sequence[1],
            "condition": [["total_orders", ">", 2]],
            "name": "Again",
            "code": "two",
        }
        self.assertEqual(self._read(campaign, "email_sequence")[1], step)

    def test_what_is_empty_reads_back_empty(self):
        campaign = self._campaign(start=False, email_sequence=[])
        for name, empty in (
            ("email_sequence", []),
            ("target_conditions", []),
            ("offer_config", {}),
        ):
            campaign.write({name: empty})
            campaign.invalidate_recordset()
            self.assertEqual(self._read(campaign, name), empty)
        self.assertFalse(campaign.step_ids)
        campaign.write({"email_sequence": self.sequence})
        campaign.write({"email_sequence": "[]"})
        self.assertFalse(campaign.step_ids)

    def test_conditions_read_back_as_they_were_written(self):
        campaign = self._campaign(start=False)
        for value in (
            {"current_stage": "active"},
            [["total_orders", ">", 3]],
            ["|", ["total_orders", ">", 3], ["total_revenue", ">", 100]],
        ):
            campaign.target_conditions = value
            campaign.flush_recordset()
            campaign.invalidate_recordset()
            self.assertEqual(self._read(campaign, "target_conditions"), value)

    def test_a_step_keeps_its_statistics_by_its_code(self):
        campaign = self._campaign(TRIGGER, False, email_sequence=self.sequence)
        first, second, _third = campaign.step_ids
        campaign.email_sequence = self.sequence[:2]
        self.assertEqual(campaign.step_ids, first | second)
        campaign.email_sequence = [
            {**self.sequence[1], "step": 1, "code": "step_2"},
            {**self.sequence[0], "step": 2, "code": "step_1"},
        ]
        ordered = campaign.step_ids.sorted("sequence")
        self.assertEqual(ordered.ids, [second.id, first.id])

    def _malformed_triggers(self):
        """(field, value, what the error names)."""
        return (
            ("trigger_config", "{", "trigger_config"),
            ("trigger_config", [], "trigger_config"),
            ("trigger_config", {"stage": "active"}, "trigger_type"),
            ("trigger_config", {"trigger_type": "moon"}, "stage_entry, event"),
            ("trigger_config", {**TRIGGER, "stage": "x"}, "trigger_config.stage"),
            ("trigger_config", {**TRIGGER, "color": 1}, "color"),
            ("trigger_config", {**TRIGGER, "delay_hours": "1"}, "delay_hours"),
            ("trigger_config", {**TRIGGER, "delay_hours": -1}, "delay_hours"),
            ("trigger_config", {"trigger_type": "event"}, "event_type"),
            (
                "trigger_config",
                {"trigger_type": "event", "event_type": "x"},
                "order_confirmed",
            ),
            (
                "trigger_config",
                {"trigger_type": "milestone", "milestone": "orders", "target": "5"},
                "target",
            ),
            (
                "trigger_config",
                {
                    "trigger_type": "schedule",
                    "schedule": {"kind": "calendar", "date": "31.12."},
                },
                "trigger_config.schedule.date",
            ),
        )

    def _malformed_rest(self):
        good = self.sequence[0]
        return (
            ("email_sequence", {}, "email_sequence"),
            ("email_sequence", [5], "email_sequence[0]"),
            ("email_sequence", [{"step": 1}], "delay_hours"),
            ("email_sequence", [good, {**good, "x": 1}], "email_sequence[1]"),
            ("email_sequence", [{**good, "channel": "fax"}], "email, sms"),
            ("email_sequence", [{**good, "template_id": 2**30}], "template_id"),
            ("email_sequence", [{**good, "template_id": True}], "template_id"),
            (
                "email_sequence",
                [{**good, "delay_hours": float("nan")}],
                "email_sequence",
            ),
            ("email_sequence", [{**good, "condition": [["x", "=", 1]]}], "condition"),
            (
                "email_sequence",
                [{**good, "code": "a"}, {**good, "code": "a"}],
                "email_sequence[1].code",
            ),
            ("offer_config", {"value": 10}, "type"),
            ("offer_config", {"type": "discount"}, "value"),
            ("offer_config", {"type": "discount", "value": 101}, "offer_config.value"),
            ("offer_config", {**OFFER, "validity_days": 1.5}, "validity_days"),
            ("offer_config", {**OFFER, "type": "gold"}, "discount_percent"),
            ("target_conditions", "[('x', '=', 1)]", "target_conditions"),
            ("target_conditions", [["nothing", "=", 1]], "target_conditions"),
        )

    def test_malformed_values_are_named_and_nothing_is_written(self):
        campaign = self._campaign(TRIGGER, False, email_sequence=self.sequence)
        for name, value, words in (
            *self._malformed_triggers(),
            *self._malformed_rest(),
        ):
            with self.subTest(name=name, value=value):
                with (
                    self.assertRaises(ValidationError) as caught,
                    self.env.cr.savepoint(),
                ):
                    campaign.write({name: value})
                    campaign.flush_recordset()
                self.assertIn(words, str(caught.exception))
                campaign.invalidate_recordset()
                self.assertEqual(self._read(campaign, "trigger_config"), TRIGGER)
                self.assertEqual(self._read(campaign, "email_sequence"), self.sequence)

    def test_an_offer_that_was_issued_keeps_its_promise(self):
        campaign = self._campaign(start=False, offer_config=OFFER)
        offer = campaign.offer_id
        campaign.offer_config = {**OFFER, "value": 15}
        self.assertEqual(campaign.offer_id, offer)
        self.assertEqual(offer.value, 15)
        offer._issue([self._member().id], self.env.cr.now().replace(microsecond=0))
        offer.invalidate_recordset()
        campaign.offer_config = {**OFFER, "value": 20}
        self.assertNotEqual(campaign.offer_id, offer)
        self.assertEqual((offer.value, campaign.offer_id.value), (15, 20))

    def test_every_kind_of_trigger_reads_back(self):
        for config in (
            {"trigger_type": "segment"},
            {"trigger_type": "event", "event_type": "payment_failed"},
            {"trigger_type": "milestone", "milestone": "orders", "target": 5},
            {"trigger_type": "milestone", "milestone": "revenue", "target": [100, 250]},
            {"trigger_type": "schedule", "schedule": {"kind": "birthday", "hour": 8}},
            {
                "trigger_type": "schedule",
                "schedule": {"kind": "after_last_order", "days": 14},
                "delay_hours": 2,
            },
            {
                "trigger_type": "schedule",
                "schedule": {
                    "kind": "calendar",
                    "date": "2026-12-24",
                    "repeat": "yearly",
                },
            },
        ):
            with self.subTest(config=config):
                campaign = self._campaign(config, start=False)
                campaign.invalidate_recordset()
                self.assertEqual(self._read(campaign, "trigger_config"), config)
                self.assertTrue(campaign.trigger_sentence)
