from odoo.tests import freeze_time, tagged

from ..const import TIERS
from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestTemplates(LoyaltyCommon):
    def test_the_template_makes_a_program_that_works(self):
        programs = self.env["loyalty.program"]
        self.assertEqual(next(iter(programs.get_program_templates())), "loyalty_tiers")
        action = programs.create_from_template("loyalty_tiers")
        program = programs.browse(action["res_id"])
        self.assertTrue(program.is_active)
        self.assertEqual(program.tier_ids.mapped("code"), [c for c, _name in TIERS])
        self.assertEqual(program.tier_ids.mapped("multiplier"), [1, 1.25, 1.5, 2])
        kinds = [rule["type"] for rule in program.earning_rules]
        self.assertEqual(
            kinds, ["purchase", "signup", "referral", "review", "birthday"]
        )
        self.assertEqual(program._point_value(), 0.012)
        self.assertEqual(len(program.reward_ids), 2)
        account = self._member(program=program)
        self.assertEqual(account.points_balance, 50)

    def test_gift_cards_are_offered_no_tiers(self):
        programs = self.env["loyalty.program"]
        gifts = programs.with_context(menu_type="gift_ewallet")
        self.assertNotIn("loyalty_tiers", gifts.get_program_templates())
        ours = programs.with_context(menu_type="loyalty_accounts")
        self.assertEqual(
            list(ours.get_program_templates()), ["loyalty_tiers", "loyalty", "fidelity"]
        )
