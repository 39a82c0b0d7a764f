from odoo import fields
from odoo.tests import tagged

from .test_portal import PortalCase

TIERS = [
    {"name": "Bronze", "code": "bronze", "min_points": 0},
    {
        "name": "Silver",
        "code": "silver",
        "min_points": 100,
        "benefits": [{"type": "points_multiplier", "value": 1.5}],
    },
    {"name": "Gold", "code": "gold", "min_points": 500},
]


@tagged("post_install", "-at_install")
class TestPortalTours(PortalCase):
    """What members do, in a browser."""

    def test_earn_rise_redeem_and_pay_with_the_code(self):
        self.program.tiers = TIERS
        user = self._portal_user("tour_tara", name="Tara Tour")
        account = self._account_for(user)
        self._buy(account, 120)
        self.start_tour("/my", "loyalty_redeem", login=user.login)
        self.env.invalidate_all()
        self.assertEqual(account.points_balance, 20)
        (code,) = account._codes()
        order = self._create_order(user.partner_id, None, 60)
        for coupon, rewards in order._try_apply_code(code["card"].code).items():
            order._apply_program_reward(rewards, coupon)
        self.assertEqual(order.amount_total, 50)
        order.action_confirm()
        self.assertEqual(account._codes()[0]["state"], "used")
        # The tier of before the order counts: 50 times 1.5.
        self.assertEqual(account.points_balance, 95)
        self._assert_sound(account)

    def test_a_friend_signs_up_by_the_link_and_both_are_rewarded(self):
        user = self._portal_user("tour_mina", name="Mina Member")
        member = self._account_for(user)
        self.start_tour(f"/refer/{member.referral_code}", "loyalty_sign_up")
        self.env.invalidate_all()
        referral = member.referral_ids
        self.assertEqual(referral.friend_id.name, "Farid Friend")
        order = self._buy(self.accounts, 40, partner=referral.friend_id)
        self._dispatch()
        self.assertEqual(referral.state, "joined")
        self._pay(order)
        friend = self._friend_account(referral)
        self.assertEqual((member.points_balance, friend.points_balance), (200, 90))
        self.start_tour("/my/loyalty", "loyalty_rewarded", login=user.login)
        self._assert_sound(member, friend)

    def test_points_are_transferred(self):
        self.start_tour("/my/loyalty", "loyalty_transfer", login=self.user.login)
        self.env.invalidate_all()
        self.assertEqual(self.account.points_balance, 300)
        self.assertEqual(self.other_account.points_balance, 1284)

    def test_who_is_no_member_joins(self):
        self.start_tour("/my", "loyalty_join", login=self.stranger.login)
        account = self.accounts._account_of(self.program, self.stranger.partner_id)
        self.assertLessEqual(account.joined_at, fields.Datetime.now())
        self.assertTrue(account)
