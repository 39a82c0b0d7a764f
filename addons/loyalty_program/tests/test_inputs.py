from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, REWARDS, LoyaltyCommon
from .test_program_json import TIERS


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestJsonInputs(LoyaltyCommon):
    """What the JSON of a program asks for happens, or is refused by name."""

    def _foreign(self):
        currency = self.env["res.currency"].create({"name": "TSR", "symbol": "T"})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2030-01-01", "rate": 2}
        )
        return currency

    # ---------------------------------------------------------------------- currency
    def test_the_currency_is_set_by_its_code(self):
        currency = self._foreign()
        self.assertEqual(self.program.points_currency, self.shop.currency_id.name)
        self.program.points_currency = "TSR"
        self.assertEqual(self.program.currency_id, currency)
        program = self._program(points_currency="TSR")

        found = program.search([("points_currency", "=", "TSR")])
        self.assertEqual(found, self.program + program)
        self.program.currency_id = self.shop.currency_id
        self.assertEqual(self.program.points_currency, self.shop.currency_id.name)

    def test_unknown_currencies_are_refused_with_those_allowed(self):
        self._foreign()
        for value in ("XXX", "tsr", "", False, "T\0R"):
            for call in (
                lambda v=value: self.program.write({"points_currency": v}),
                lambda v=value: self._program(points_currency=v),
            ):
                with (
                    self.subTest(value),
                    self.assertRaisesRegex(ValidationError, "points_currency.*TSR"),
                    self.env.cr.savepoint(),
                ):
                    call()

    def test_codes_follow_the_currency(self):
        account = self._member(300)
        reward = self.program.reward_ids
        account._redeem_reward(reward)
        former = reward.code_program_id
        self.program.points_currency = self._foreign().name
        account._redeem_reward(reward)
        self.assertNotEqual(reward.code_program_id, former)
        self.assertEqual(reward.code_program_id.currency_id.name, "TSR")
        self.assertEqual(former.currency_id, self.shop.currency_id)

    # ------------------------------------------------------------------------- tiers
    def test_no_tiers_are_the_four_of_every_program(self):
        defaults = [
            {"name": name, "code": name.lower(), "min_points": points, "benefits": []}
            for name, points in (
                ("Bronze", 0),
                ("Silver", 1000),
                ("Gold", 5000),
                ("Platinum", 15000),
            )
        ]
        for value in ([], "[]", False):
            self.program.tiers = [
                TIERS[0],
                {**TIERS[1], "name": "Better", "min_points": 7},
            ]
            kept = self.program.tier_ids.filtered(lambda tier: tier.code == "silver")
            self.program.tiers = value
            self.program.invalidate_recordset()
            self.assertEqual(self.program.tiers, defaults)
            self.assertIn(kept, self.program.tier_ids)
        self.assertEqual(self._program(tiers=[]).tiers, defaults)

    # ----------------------------------------------------------------------- rewards
    def test_no_rules_remove_the_rewards(self):
        plain = {"reward_type": "discount", "discount_mode": "percent"}
        for value in ([], "[]", False):
            program = self._program()
            program.redemption_rules = value
            program.invalidate_recordset()
            self.assertFalse(program.reward_ids)
            self.assertEqual(program.redemption_rules, [])
            self.assertEqual(program._point_value(), 0)
            # What a program without rewards needs to go on.
            program.name = "Only tiers"
            program.points_per_currency = 2
            program.redemption_rules = REWARDS
            self.assertEqual(program.redemption_rules, REWARDS)
        self.program.reward_ids.copy({"program_id": self.program.id, **plain})
        self.program.redemption_rules = []
        self.assertEqual(self.program.reward_ids.discount_mode, "percent")

    def test_a_new_program_without_rules_has_no_rewards(self):
        program = self._program(redemption_rules=[])
        self.assertFalse(program.reward_ids)
        account = self._member(program=program)
        self._buy(account, 20)
        self.assertEqual(account.points_balance, 20)
        self.assertEqual(account._catalogue(), [])
        copy = program.copy()
        self.assertFalse(copy.reward_ids)

    def test_programs_without_accounts_need_rewards_as_ever(self):
        values = {"name": "Promo", "program_type": "promotion", "reward_ids": []}
        with self.assertRaisesRegex(ValidationError, "at least one reward"):
            self.env["loyalty.program"].create(values)

    def test_rewards_that_orders_carry_are_archived(self):
        account = self._member(300)
        order = self._create_order(account.customer_id, None, 100)
        self._claim(order, account)
        order.action_confirm()
        reward = self.program.reward_ids
        self.program.redemption_rules = []
        self.assertFalse(self.program.reward_ids)
        self.assertFalse(reward.active)

    def test_a_reward_of_another_program_is_refused_by_its_path(self):
        other = self._program().reward_ids
        entry = {"points": 5, "type": "product", "reward_id": other.id}
        for call in (
            lambda: self.program.write({"redemption_rules": [*REWARDS, entry]}),
            lambda: self._program(redemption_rules=[*REWARDS, entry]),
        ):
            with (
                self.assertRaisesRegex(
                    ValidationError, r"redemption_rules\[1\]\.reward_id"
                ),
                self.env.cr.savepoint(),
            ):
                call()
        self.assertEqual(self.program.redemption_rules, REWARDS)
