from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .referral_common import NOW, ReferralCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestReferralOwners(ReferralCommon):
    """Orders that get another customer: rewards are for bringing whoever bought."""

    def _came(self, friend=None):
        """A paid first order that came by the member's link."""
        order = self._create_order(
            friend or self._create_customer(),
            None,
            80,
            referral_code=self.member.referral_code,
            invited_at=NOW,
        )
        order.action_confirm()
        self._pay(order)
        return order

    def _give(self, order, customer, days=0):
        with freeze_time(NOW + timedelta(days=days)):
            order.partner_id = customer
            self.env.flush_all()
            self._dispatch()
            self.env.invalidate_all()

    def _state_of(self, customer):
        """(state, active) of the invitation of a customer, None if there is none."""
        every = self.referrals.with_context(active_test=False)
        found = every.search([("friend_id", "=", customer.id)], order="id desc")
        return found[:1] and (found[0].state, found[0].active)

    def _balance(self, customer):
        return self.accounts._account_of(self.program, customer).points_balance

    def test_the_invitation_is_that_of_whoever_has_the_order_it_came_with(self):
        order = self._came()
        first, second = order.partner_id, self._create_customer()
        self.assertEqual(self._state_of(first), ("rewarded", True))
        self.assertEqual((self.member.points_balance, self._balance(first)), (200, 130))
        # Long after the link was followed, and the order was made.
        self._give(order, second, days=60)
        self.assertEqual(self._state_of(first), ("reversed", False))
        self.assertEqual(self._state_of(second), ("rewarded", True))
        self.assertEqual(self.member.referral_count, 1)
        self.assertEqual(self.member.points_balance, 200)
        self.assertEqual((self._balance(first), self._balance(second)), (0, 130))
        self._assert_sound(self.program.account_ids)

    def test_who_gets_it_back_was_brought_after_all(self):
        order = self._came()
        first, second = order.partner_id, self._create_customer()
        for customer in (second, first):
            self._give(order, customer)
        self.assertEqual(self._state_of(first), ("rewarded", True))
        self.assertEqual(self._state_of(second), ("reversed", False))
        self.assertEqual(self.member.points_balance, 200)
        self.assertEqual((self._balance(first), self._balance(second)), (130, 0))
        self._assert_sound(self.program.account_ids)

    def test_who_followed_nothing_is_not_rewarded_for_later_orders(self):
        order = self._came()
        first = order.partner_id
        self._give(order, self._create_customer())
        self._pay(self._buy(self.accounts, partner=first))
        self.assertEqual(self._state_of(first), ("reversed", False))
        self.assertEqual(self.member.points_balance, 200)

    def test_nobody_is_rewarded_where_the_customer_was_not_brought(self):
        known = self._create_customer()
        self._buy(self.accounts, 10, partner=known)
        for name, customer in (
            ("bought before", known),
            ("the member", self.member.customer_id),
            ("nobody", self.env.ref("base.public_partner")),
        ):
            with self.subTest(name=name), self.env.cr.savepoint() as savepoint:
                order = self._came()
                before = self._points_of_invitations()
                self._give(order, customer)
                self.assertFalse(self._state_of(customer))
                self.assertEqual(before - self._points_of_invitations(), 250)
                savepoint.rollback()
                self.env.invalidate_all()

    def _points_of_invitations(self):
        self.env.flush_all()
        domain = [("source_type", "=", "loyalty.referral")]
        return sum(self.transactions.search(domain).mapped("points"))

    def test_each_member_is_rewarded_for_the_own_friend(self):
        other = self._member()
        first, second = self._follow(), self._follow(member=other)
        order = self._buy(self.accounts, partner=first.friend_id)
        self._pay(order)
        self.assertEqual(self._points(first), (200, 50))
        self._give(order, second.friend_id)
        self.assertEqual((first.state, second.state), ("reversed", "rewarded"))
        self.assertEqual(self._points(first), (0, 0))
        self.assertEqual(self._points(second), (200, 50))
        # The first friend signed up by the link, and may buy still.
        self._pay(self._buy(self.accounts, partner=first.friend_id))
        self.assertEqual((first.state, self._points(first)), ("rewarded", (200, 50)))
        self._assert_sound(self.program.account_ids)
