import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, REWARDS, LoyaltyCommon

EARNING = [
    {"type": "purchase", "points_per_unit": 1, "unit": "currency"},
    {"type": "referral", "points": 500},
    {"type": "review", "points": 50},
    {"type": "birthday", "points": 200},
]
TIERS = [
    {"name": "Bronze", "code": "bronze", "min_points": 0, "benefits": []},
    {
        "name": "Silver",
        "code": "silver",
        "min_points": 1000,
        "benefits": [{"type": "points_multiplier", "value": 1.25}],
    },
    {"name": "Gold", "code": "gold", "min_points": 5000, "benefits": []},
    {"name": "Platinum", "code": "platinum", "min_points": 15000, "benefits": []},
]


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestProgramJson(LoyaltyCommon):
    """The formats of the contract load verbatim and read back in the same form."""

    def test_an_invitation_rewards_both_sides_if_nothing_else_is_said(self):
        program = self._program()
        for more, points in (({}, 500), ({"friend_points": 0}, 0)):
            entry = {"type": "referral", "points": 500, **more}
            program.earning_rules = [entry]
            program.invalidate_recordset()
            self.assertEqual(program.earning_rules[-1], entry)
            rule = program.earning_rule_ids.filtered(lambda r: r.type == "referral")
            self.assertEqual((rule.points, rule.friend_points), (500, points))

    def test_what_is_written_is_read(self):
        for write in (lambda value: value, json.dumps):
            program = self._program(
                earning_rules=write(EARNING),
                tiers=write(TIERS),
                redemption_rules=write(REWARDS),
            )
            program.invalidate_recordset()
            self.assertEqual(program.earning_rules, EARNING)
            self.assertEqual(program.tiers, TIERS)
            self.assertEqual(program.redemption_rules, REWARDS)
            self.assertEqual(program.get_tiers(), TIERS)
            self.assertEqual(program.get_earning_rules(), EARNING)
            self.assertEqual(program.get_redemption_rules(), REWARDS)

    def test_a_new_program_has_the_four_tiers_and_one_purchase_rule(self):
        program = self._program(earning_rules=EARNING)
        points = program.tier_ids.mapped("min_points")
        self.assertEqual(points, [0, 1000, 5000, 15000])
        self.assertEqual(len(program.rule_ids), 1)
        self.assertEqual(len(program.reward_ids), 1)
        self.assertEqual(program.points_per_currency, 1)

    def test_the_purchase_rule_overrides_points_per_currency(self):
        program = self._program(points_per_currency=7, earning_rules=EARNING)
        self.assertEqual(program.points_per_currency, 1)
        program.points_per_currency = 3
        self.assertEqual(program.earning_rules[0]["points_per_unit"], 3)

    def test_changing_the_list_changes_the_records(self):
        program = self._program(earning_rules=EARNING, tiers=TIERS)
        silver = program.tier_ids.filtered(lambda tier: tier.code == "silver")
        program.tiers = [TIERS[0], {**TIERS[1], "min_points": 800}]
        self.assertEqual(silver.min_points, 800)
        self.assertEqual(len(program.tier_ids), 2)
        program.earning_rules = []
        self.assertFalse(program.earning_rule_ids)
        self.assertEqual(program.points_per_currency, 0)
        self.assertEqual(program.earning_rules, [])

    def test_rewards_on_orders_are_archived_and_others_go(self):
        account = self._member(300)
        order = self._create_order(account.customer_id, None, 100)
        self._claim(order, account)
        order.action_confirm()
        used = self.program.reward_ids
        self.program.redemption_rules = [
            {"points": 50, "value": 5, "type": "discount"},
            {"points": 90, "value": 10, "type": "discount"},
        ]
        # It still takes 10 off, for fewer points.
        self.assertEqual(used.required_points, 90)
        self.program.redemption_rules = [{"points": 7, "value": 1, "type": "discount"}]
        self.assertEqual(len(self.program.reward_ids), 1)

    def test_a_product_reward_is_named_by_its_id(self):
        reward = self.env["loyalty.reward"].create(
            {
                "program_id": self.program.id,
                "reward_type": "product",
                "reward_product_id": self.product.id,
                "required_points": 900,
            }
        )
        rules = [
            *REWARDS,
            {"points": 500, "reward_id": reward.id, "type": "product"},
        ]
        self.program.redemption_rules = rules
        self.assertEqual(reward.required_points, 500)
        self.program.invalidate_recordset()
        self.assertCountEqual(self.program.redemption_rules, rules)

    def test_malformed_json_is_refused_by_name(self):
        for name, value in (
            ("earning_rules", "{"),
            ("earning_rules", {"type": "purchase"}),
            ("earning_rules", [{"type": "nonsense", "points": 5}]),
            ("earning_rules", [{"type": "review", "points": "5"}]),
            ("earning_rules", [{"type": "review", "points": True}]),
            ("earning_rules", [{"type": "review", "points": -5}]),
            ("earning_rules", [{"type": "review", "points": 5}] * 2),
            ("earning_rules", [{"type": "purchase", "points_per_unit": 0}]),
            ("earning_rules", [{"type": "purchase", "points": 5}]),
            ("earning_rules", [{"type": "review", "points": 5, "more": 1}]),
            ("earning_rules", [{"type": "review", "points": 5, "friend_points": 1}]),
            ("tiers", [{"name": "A", "code": "iron", "min_points": 0}]),
            ("tiers", [{"name": "A", "code": "bronze", "min_points": 5}]),
            ("tiers", [TIERS[0], {**TIERS[1], "min_points": 0}]),
            ("tiers", [{**TIERS[0], "benefits": [{"type": "gold"}]}]),
            ("tiers", [{**TIERS[0], "name": ""}]),
            (
                "tiers",
                [
                    {
                        **TIERS[0],
                        "benefits": [{"type": "points_multiplier", "value": 0.5}],
                    }
                ],
            ),
            ("redemption_rules", [{"points": 0, "value": 1, "type": "discount"}]),
            ("redemption_rules", [{"points": 5, "type": "product", "reward_id": 0}]),
            ("redemption_rules", [{"points": 5, "type": "product"}]),
            ("redemption_rules", [None]),
        ):
            with (
                self.subTest(name=name, value=value),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                self.program[name] = value
        self.env.invalidate_all()
        self.assertEqual(self.program.redemption_rules, REWARDS)

    def test_codes_are_unique_and_free_for_other_kinds(self):
        with self.assertRaisesRegex(ValidationError, "code:"), self.env.cr.savepoint():
            self._program(code=self.program.code)
        for _each in range(2):
            self.env["loyalty.program"].create(
                {"name": "Coupons", "program_type": "coupons"}
            )

    def test_what_accounts_rest_on_is_frozen(self):
        self._member(10)
        for values in (
            {"program_type": "promotion"},
            {"applies_on": "current"},
            {"company_id": False},
        ):
            with (
                self.subTest(values),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                self.program.write(values)

    def test_numbers_out_of_range_are_refused(self):
        for name, value in (
            ("points_expiry_months", -1),
            ("pending_days", 99999),
            ("tier_window_months", -3),
            ("points_per_currency", -1),
        ):
            with (
                self.subTest(name),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                self.program[name] = value

    def test_only_loyalty_cards_can_have_accounts(self):
        program = self.env["loyalty.program"].create(
            {"name": "Promo", "program_type": "promotion"}
        )
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            program.is_active = True
