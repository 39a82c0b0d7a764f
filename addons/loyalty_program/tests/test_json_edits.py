from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon

HUNDRED = {"points": 100, "value": 10, "type": "discount"}
THOUSAND = {"points": 1000, "value": 200, "type": "discount"}


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestJsonEdits(LoyaltyCommon):
    """What a list says no more is gone; what it still says stays what it was."""

    def _tiers_of_rewards(self, *entries):
        self.program.redemption_rules = list(entries)
        self.env.invalidate_all()
        self.assertEqual(len(self.program.redemption_rules), len(entries))
        return {r.required_points: r.min_tier for r in self.program.reward_ids}

    def _for_platinum(self):
        self._tiers_of_rewards(HUNDRED, THOUSAND)
        best = self.program.reward_ids.filtered(lambda r: r.required_points == 1000)
        best.min_tier = "platinum"
        return best

    def test_a_reward_for_platinum_stays_for_platinum(self):
        best = self._for_platinum()
        fresh = {"points": 50, "value": 5}
        found = self._tiers_of_rewards(fresh, HUNDRED, THOUSAND)
        self.assertEqual(found, {50: False, 100: False, 1000: "platinum"})
        self.assertEqual(best.required_points, 1000)

    def test_a_reward_that_costs_less_is_the_same_one(self):
        best = self._for_platinum()
        found = self._tiers_of_rewards({**THOUSAND, "points": 900}, HUNDRED)
        self.assertEqual(found, {900: "platinum", 100: False})
        self.assertEqual(best.required_points, 900)

    def test_a_reward_that_is_worth_more_is_the_same_one(self):
        self._for_platinum()
        found = self._tiers_of_rewards({**THOUSAND, "value": 250}, HUNDRED)
        self.assertEqual(found, {1000: "platinum", 100: False})

    def test_a_reward_that_changed_in_both_keeps_its_place(self):
        best = self._for_platinum()
        found = self._tiers_of_rewards(HUNDRED, {"points": 1500, "value": 350})
        self.assertEqual(found, {100: False, 1500: "platinum"})
        self.assertEqual(best.discount, 350)

    def _plain_program(self):
        """A program as standard makes them, that keeps accounts since."""
        program = self.env["loyalty.program"].create(
            {
                "name": "Plain",
                "program_type": "loyalty",
                "company_id": self.shop.id,
                "applies_on": "both",
                "trigger": "auto",
                "rule_ids": [
                    Command.clear(),
                    Command.create(
                        {"reward_point_mode": "money", "reward_point_amount": 2}
                    ),
                ],
            }
        )
        program.is_active = True
        return program

    def test_no_earning_rules_are_none(self):
        for name, value in (("earning_rules", []), ("points_per_currency", 0)):
            with self.subTest(name):
                program = self._plain_program()
                account = self._member(program=program)
                self._buy(account, 10)
                self.assertEqual(account.points_balance, 20)
                program[name] = value
                self.env.invalidate_all()
                self.assertEqual(program.earning_rules, [])
                self.assertEqual(program.points_per_currency, 0)
                self._buy(account, 10)
                self.assertEqual(account.points_balance, 20)

    def test_a_program_without_earning_rules_has_none_from_the_start(self):
        program = self._program(earning_rules=[])
        self.assertEqual(program.earning_rules, [])
        self.assertFalse(program.rule_ids)

    def _dropped(self):
        """A reward that an order carries, taken out of the list."""
        account = self._member(100)
        order = self._create_order(account.customer_id, None, 50)
        self._claim(order, account)
        order.action_confirm()
        reward = self.program.reward_ids
        self.program.redemption_rules = []
        return reward

    def test_dropped_rewards_stay_dropped(self):
        reward = self._dropped()
        self.program.action_archive()
        self.program.action_unarchive()
        self.env.invalidate_all()
        self.assertEqual(self.program.redemption_rules, [])
        self.assertFalse(reward.active)

    def test_rewards_come_back_with_their_program(self):
        rules = self.program.redemption_rules
        self.program.action_archive()
        self.assertFalse(self.program.reward_ids.filtered("active"))
        self.program.action_unarchive()
        self.env.invalidate_all()
        self.assertEqual(self.program.redemption_rules, rules)

    def test_a_dropped_reward_that_is_restored_by_hand_stays(self):
        reward = self._dropped()
        reward.action_unarchive()
        self.program.action_archive()
        self.program.action_unarchive()
        self.env.invalidate_all()
        self.assertTrue(reward.active)
        self.assertEqual(len(self.program.redemption_rules), 1)
