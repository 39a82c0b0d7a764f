import json

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import WinbackCommon


@tagged("post_install", "-at_install")
class TestWinbackJson(WinbackCommon):
    """Campaigns as integrators write and read them, and what is refused."""

    def _sequence(self):
        sms = self.env["sms.template"].create(
            {
                "name": "SMS",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "body": "Milk",
            }
        )
        mail = {"template_id": self.template.id, "channel": "email"}
        return [
            {"step": 1, "delay_hours": 0, **mail},
            {"step": 2, "delay_hours": 48, **mail},
            {"step": 3, "delay_hours": 168, "template_id": sms.id, "channel": "sms"},
        ]

    def test_the_sequence_of_the_contract_reads_back(self):
        for wrap in (lambda value: value, json.dumps):
            sequence = self._sequence()
            campaign = self._campaign(start=False, email_sequence=wrap(sequence))
            self.assertEqual(self._read(campaign, "email_sequence"), sequence)
            self.assertEqual(campaign.get_steps(), sequence)

    def test_a_discount_begins_with_what_is_usual(self):
        form = Form(self._campaign(start=False))
        form.offer_type = "discount_percent"
        self.assertEqual(form.offer_value, 10)
        form.offer_value = 15
        form.offer_type = False
        form.offer_type = "discount_percent"
        self.assertEqual(form.save().offer_value, 15)
        message = r"Value \(offer_value\): Bonus points needs"
        with self.assertRaisesRegex(ValidationError, message):
            self._campaign(start=False, offer_type="bonus_points")

    def test_refusals_call_fields_as_the_form_does(self):
        refused = {
            "max_days_inactive": r"^Gone for at least \(days\) \(min_days_inactive\): ",
            "cooldown_days": r"^Days between attempts \(cooldown_days\): ",
            "exit_condition": r"^Who leaves early \(exit_condition\): ",
        }
        values = {"max_days_inactive": 1, "cooldown_days": -1, "exit_condition": "["}
        for name, message in refused.items():
            with (
                self.subTest(name=name),
                self.assertRaisesRegex(ValidationError, message),
            ):
                self._campaign(start=False, **{name: values[name]})

    def test_defaults_are_those_of_the_contract(self):
        campaign = self.campaigns.create({"name": "New", "code": "new"})
        expected = {
            "min_days_inactive": 30,
            "max_days_inactive": 180,
            "min_previous_orders": 1,
            "min_previous_spend": 0,
            "exclude_conditions": [],
            "offer_type": False,
            "offer_validity_days": 14,
            "max_attempts": 3,
            "cooldown_days": 90,
            "daily_limit": 0,
            "holdout_percent": 10,
            "is_active": False,
            "exclusive_group": "retention",
            "category": "marketing",
            "target_rate": 15,
        }
        found = campaign.read(list(expected))[0]
        self.assertEqual({name: found[name] for name in expected}, expected)
        self.assertEqual(len(campaign.step_ids), 3)

    def test_exclude_conditions_in_both_forms(self):
        for conditions in (
            [["total_orders", ">", 3]],
            {"clv_segment": "vip"},
            ["|", ["total_orders", ">", 3], ["total_revenue", ">", 10.5]],
            [],
        ):
            for wrap in (lambda value: value, json.dumps):
                campaign = self._campaign(False, exclude_conditions=wrap(conditions))
                self.assertEqual(self._read(campaign, "exclude_conditions"), conditions)
        form = Form(campaign)
        form.exclude_domain = "[('total_orders', '>', 3)]"
        form.save()
        self.assertEqual(campaign.exclude_conditions, [["total_orders", ">", 3]])

    @mute_logger("odoo.sql_db")
    def test_what_is_wrong_is_named_and_not_written(self):
        mail = {"delay_hours": 0, "template_id": self.template.id}
        cases = [
            ({"min_days_inactive": 90, "max_days_inactive": 30}, "min_days_inactive"),
            ({"min_days_inactive": 0}, "min_days_inactive"),
            ({"max_days_inactive": 10**6}, "max_days_inactive"),
            ({"min_previous_orders": 0}, "min_previous_orders"),
            ({"min_previous_spend": -1}, "min_previous_spend"),
            ({"min_previous_spend": float("nan")}, "min_previous_spend"),
            ({"max_attempts": 0}, "max_attempts"),
            ({"cooldown_days": -1}, "cooldown_days"),
            ({"daily_limit": -1}, "daily_limit"),
            ({"holdout_percent": 101}, "holdout_percent"),
            ({"target_rate": 101}, "target_rate"),
            ({"email_sequence": []}, "email_sequence"),
            ({"email_sequence": "[]"}, "email_sequence"),
            ({"email_sequence": "{"}, "email_sequence"),
            ({"email_sequence": {"step": 1}}, "email_sequence"),
            ({"email_sequence": [{"step": 1}]}, "delay_hours"),
            ({"email_sequence": [{**mail, "x": 1}]}, "email_sequence[0]"),
            ({"email_sequence": [{**mail, "channel": "pigeon"}]}, "sms"),
            ({"email_sequence": [{**mail, "template_id": 2**30}]}, "template_id"),
            ({"exclude_conditions": [["nothing", "=", 1]]}, "exclude_conditions"),
            ({"exclude_conditions": "x"}, "exclude_conditions"),
            ({"exclude_conditions": [["name", "=like", "%\\"]]}, "exclude_conditions"),
            ({"offer_type": "gold"}, "discount_percent"),
            ({"offer_type": "discount_percent"}, "offer_value"),
            ({"offer_type": "discount_fixed", "offer_value": 0}, "offer_value"),
            ({"offer_type": "bonus_points", "offer_value": 0}, "offer_value"),
            ({"offer_type": "discount_percent", "offer_value": 101}, "offer_value"),
            ({"offer_type": "discount_percent", "offer_value": -5}, "offer_value"),
            ({"offer_validity_days": 0}, "offer_validity_days"),
        ]
        good = self._campaign(start=False)
        before = self.campaigns.with_context(active_test=False).search_count([])
        for values, word in cases:
            for write in (self.campaigns.create, good.write):
                whole = self._values(**values) if write != good.write else values
                with (
                    self.subTest(values=values, on=write.__name__),
                    self.assertRaises(ValidationError) as caught,
                    self.env.cr.savepoint(),
                ):
                    write(whole)
                    self.env.flush_all()
                self.assertIn(word, str(caught.exception))
        after = self.campaigns.with_context(active_test=False).search_count([])
        self.assertEqual(after, before)

    def test_nobody_asks_by_a_condition_what_is_not_theirs_to_see(self):
        marketer = self.campaigns.with_user(self._user("marketer"))
        campaign = marketer.create(self._values())
        # The first is not stored, the second is for administrators.
        for field in ("user_ids.password", "signup_type"):
            probe = [[f"customer_id.{field}", "like", "a"]]
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                marketer.create(self._values(exclude_conditions=probe))
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                campaign.exclude_conditions = probe
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                campaign.exclude_domain = str(probe)

    # ------------------------------------------------------------------------ offers
    def test_an_offer_in_three_fields_is_the_engines_offer(self):
        campaign = self._campaign(
            False, offer_type="discount_percent", offer_value=20, offer_validity_days=7
        )
        self.assertRecordValues(
            campaign.offer_id,
            [
                {
                    "offer_type": "discount_percent",
                    "value": 20,
                    "validity_days": 7,
                    "code_prefix": "WINBACK-",
                    "company_id": self.shop.id,
                }
            ],
        )
        offer = campaign.offer_id
        campaign.offer_value = 25
        self.assertEqual(campaign.offer_id, offer)
        self.assertEqual(offer.value, 25)
        offer.write({"value": 30, "validity_days": 10})
        self.assertEqual((campaign.offer_value, campaign.offer_validity_days), (30, 10))
        campaign.offer_type = False
        self.assertFalse(campaign.offer_id)
        self.assertEqual((campaign.offer_value, campaign.offer_validity_days), (0, 10))

    def test_codes_keep_what_they_promised(self):
        campaign = self._campaign(offer_type="discount_percent", offer_value=20)
        self._lapsed()
        self._target(campaign)
        self._process()
        old = campaign.offer_id
        self.assertEqual(old.issued_count, 1)
        campaign.offer_value = 50
        self.assertNotEqual(campaign.offer_id, old)
        self.assertEqual((old.value, campaign.offer_id.value), (20, 50))

    def test_marketers_leave_offers_to_managers(self):
        marketer = self.campaigns.with_user(self._user("marketer"))
        campaign = marketer.create(self._values())
        campaign.offer_validity_days = 21
        with self.assertRaises(AccessError):
            campaign.write({"offer_type": "discount_percent", "offer_value": 90})
        manager = campaign.with_user(self._user("manager"))
        manager.write({"offer_type": "discount_percent", "offer_value": 9})
        self.assertEqual(campaign.offer_id.value, 9)

    def test_offers_of_other_addons_say_which(self):
        known = dict(
            self.env["journey.offer"]
            ._fields["offer_type"]
            ._description_selection(self.env)
        )
        values = {"offer_type": "free_delivery"}
        if "free_delivery" in known:
            self.assertTrue(self._campaign(False, **values).offer_id)
            return
        with self.assertRaises(ValidationError) as caught:
            self._campaign(False, **values)
        self.assertIn("journey_engine_sale_loyalty_delivery", str(caught.exception))

    # ------------------------------------------------------------------------ copies
    def test_a_copy_is_whole_and_off(self):
        campaign = self._campaign(
            exclude_conditions={"total_orders": 3},
            offer_type="discount_fixed",
            offer_value=5,
            daily_limit=7,
        )
        twin = campaign.copy()
        self.assertFalse(twin.is_active)
        self.assertNotEqual(twin.code, campaign.code)
        self.assertEqual(twin.email_sequence, campaign.email_sequence)
        self.assertEqual(twin.exclude_conditions, {"total_orders": 3})
        self.assertEqual((twin.offer_type, twin.offer_value), ("discount_fixed", 5))
        twin.offer_value = 6
        self.assertEqual(campaign.offer_value, 5)

    def test_every_company_gets_the_shipped_campaign_switched_off(self):
        company = self._create_company()
        before = self.campaigns.with_context(active_test=False)
        self.assertFalse(before.search([("company_id", "=", company.id)]))
        manager = self.campaigns.with_user(self._user("manager", company))
        manager = manager.with_context(allowed_company_ids=company.ids)
        manager.action_load_playbooks()
        campaign = self.campaigns.search([("company_id", "=", company.id)])
        self.assertEqual(campaign.mapped("code"), ["winback_lapsed"])
        self.assertFalse(campaign.is_active)
        self.assertEqual(campaign.step_ids.mapped("delay_hours"), [0.0, 168.0, 336.0])
        self.assertEqual(campaign.offer_id.company_id, company)
        manager.action_load_playbooks()
        self.assertEqual(
            self.campaigns.search_count([("company_id", "=", company.id)]), 1
        )
        campaign.action_start()

    def test_the_code_is_unique_in_a_company(self):
        campaign = self._campaign(False)
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._campaign(False, code=campaign.code)
            self.env.flush_all()
