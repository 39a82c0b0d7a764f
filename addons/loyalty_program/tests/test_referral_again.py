from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .referral_common import NOW, ReferralCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestReferralAgain(ReferralCommon):
    """A friend who pays, is refunded and pays again rewards the member once."""

    def _pay_order(self, partner):
        invoice = self._invoice(self._buy(None, 100, partner=partner))
        self._pay_invoice(invoice)
        self.env.invalidate_all()
        return invoice

    def _cycle(self, referral):
        """The friend pays, the member spends the reward, the friend is refunded."""
        invoice = self._pay_order(referral.friend_id)
        self.assertEqual(referral.state, "rewarded")
        self.member.redeem_points(self.member.points_balance, "discount", 1)
        self._refund(invoice)
        self.env.invalidate_all()
        self.assertEqual(referral.state, "reversed")

    def test_a_friend_who_is_refunded_rewards_once(self):
        for shortfall, left in (("cap", 200), ("block", 200), ("debt", 0)):
            with self.subTest(shortfall=shortfall):
                self.program.shortfall = shortfall
                referral = self._follow()
                before = self.member.points_lifetime
                for _turn in range(3):
                    self._cycle(referral)
                self.assertEqual(self.member.points_lifetime - before, left)

    def test_what_is_missing_of_a_reward_is_made_up(self):
        self.program.shortfall = "cap"
        referral = self._follow()
        invoice = self._pay_order(referral.friend_id)
        self.member.redeem_points(150, "discount", 1)
        self._refund(invoice)
        self.assertEqual(self.member.points_lifetime, 150)
        self._pay_order(referral.friend_id)
        self.assertEqual((referral.state, referral.points), ("rewarded", 200))
        self.assertEqual(self._points(referral)[0], 200)
        self.assertEqual(self.member.points_balance, 50)

    def test_a_reward_that_has_expired_is_not_owed(self):
        referral = self._follow()
        invoice = self._pay_order(referral.friend_id)
        later = NOW + timedelta(days=400)
        with freeze_time(later):
            self.env["loyalty.expiry"].sudo()._expire_all(later)
            self.member.earn_points(70, "test")
            self._refund(invoice)
        self.assertEqual(referral.state, "reversed")
        self.assertEqual(
            self._rows_of(self.member),
            [
                ("earn", 200),
                ("expire", -200),
                ("earn", 70),
                ("expire", 200),
                ("earn", -200),
            ],
        )
        self._assert_sound(self.member)

    def test_the_friend_keeps_one_gift_too(self):
        self.program.shortfall = "cap"
        referral = self._follow()
        friend = self._friend_account(referral)
        for _turn in range(2):
            invoice = self._pay_order(referral.friend_id)
            friend.redeem_points(friend.points_balance, "discount", 1)
            self._refund(invoice)
        self.assertEqual(self._points(referral)[1], 50)

    def test_the_yearly_limit_counts_what_could_not_be_taken_back(self):
        self.program.shortfall = "cap"
        self.program.referral_limit = 1
        one, two = self._follow(), self._follow()
        self._cycle(one)
        self._pay_order(two.friend_id)
        self.assertEqual(two.state, "limited")
        self.assertEqual(self.member.points_lifetime, 200)

    def test_the_yearly_limit_does_not_count_the_friend_who_comes_back(self):
        self.program.shortfall = "cap"
        self.program.referral_limit = 1
        referral = self._follow()
        self._cycle(referral)
        self._pay_order(referral.friend_id)
        self.assertEqual(referral.state, "rewarded")
        self.assertEqual(self.member.points_lifetime, 200)

    def test_the_yearly_limit_forgets_what_was_taken_back(self):
        self.program.referral_limit = 1
        one, two = self._follow(), self._follow()
        self._refund(self._pay_order(one.friend_id))
        self._pay_order(two.friend_id)
        self.assertEqual((one.state, two.state), ("reversed", "rewarded"))
