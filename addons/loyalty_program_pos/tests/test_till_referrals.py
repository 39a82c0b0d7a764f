from odoo import fields
from odoo.tests import tagged

from odoo.addons.loyalty_program.tools.invitation import Invitation

from .till_common import TillCommon


@tagged("post_install", "-at_install")
class TestTillReferrals(TillCommon):
    """Who was invited and pays at the till has paid."""

    def setUp(self):
        super().setUp()
        self.program.earning_rules = [
            {"type": "purchase", "points_per_unit": 1},
            {"type": "referral", "points": 200, "friend_points": 50},
        ]
        self.member = self._member(self.contact, 0)
        self.engine = self.env["lifecycle.engine"].sudo()

    def _invite(self, friend):
        now = fields.Datetime.now()
        invitation = Invitation(self.member.referral_code, now)
        referrals = self.env["loyalty.referral"].sudo()
        return referrals._attribute(invitation, friend, now)

    def _settle(self, referral):
        """What the payment wrote into the timeline makes somebody look again."""
        self.env.flush_all()
        events = self.env["lifecycle.event"].sudo()
        found = events.search(
            [
                ("event_type", "=", "payment_changed"),
                ("customer_id", "=", referral.friend_id.commercial_partner_id.id),
            ]
        )
        self.assertTrue(found)
        found._consume_referrals()
        self.env.invalidate_all()

    def test_a_friend_who_pays_is_rewarded_until_it_is_refunded(self):
        referral = self._invite(self.nadia)
        order = self._sell((self.milk, 1), customer=self.nadia)
        self._settle(referral)
        self.assertEqual((referral.state, referral.pos_order_id), ("rewarded", order))
        self.assertEqual(self.member.points_balance, 200)
        self.assertEqual(self._account(self.nadia).points_balance, 100 + 50)
        self._refund(order)
        self._settle(referral)
        self.assertEqual(referral.state, "reversed")
        self.assertIn(order.name, referral.reason)
        self.assertEqual(self.member.points_balance, 0)
        self._sell((self.milk, 1), customer=self.nadia)
        self._settle(referral)
        self.assertEqual(self.member.points_balance, 200)
        self._assert_sound()

    def test_what_is_owed_is_not_paid(self):
        referral = self._invite(self.nadia)
        data = self._data(
            (self.milk, 1),
            customer=self.nadia,
            payments=[(self.pay_later_pm, 100)],
        )
        self._sync(data)
        self._settle(referral)
        self.assertEqual(referral.state, "joined")

    def test_a_part_that_is_refunded_leaves_the_rest(self):
        self.program.referral_min_amount = 150
        referral = self._invite(self.nadia)
        order = self._sell((self.milk, 2), customer=self.nadia)
        self._settle(referral)
        self.assertEqual(referral.state, "rewarded")
        self._refund(order, (order.lines, 1))
        self._settle(referral)
        self.assertEqual(referral.state, "reversed")

    def test_who_bought_at_the_till_is_no_new_friend(self):
        self._sell((self.milk, 1), customer=self.nadia)
        self.assertFalse(self._invite(self.nadia))

    def test_orders_of_the_till_count_on_the_member_card(self):
        account = self._member()
        order = self._sell((self.milk, 2), customer=self.nadia)
        self._sell((self.bread, 1), customer=self.nadia)
        self.assertEqual((account.total_orders, account.total_spend), (2, 210.5))
        self._refund(order, (order.lines, 1))
        account.invalidate_recordset()
        self.assertEqual((account.total_orders, account.total_spend), (2, 110.5))

    def test_the_till_does_not_write_what_it_was_counted_by(self):
        self._member()
        order = self._sell((self.milk, 1), customer=self.nadia)
        self.assertTrue(order.sudo().loyalty_terms)
        with self.assertRaisesRegex(Exception, "loyalty_terms"):
            order.loyalty_terms = {"1": []}

    def test_the_till_does_not_fill_codes(self):
        account = self._member(points=100)
        found = account._redeem_reward(self.reward)
        card = self.env["loyalty.card"].search([("code", "=", found["code"])])
        order = self._sell((self.milk, 1), customer=self.nadia)
        for points in (3, -1, 1):
            told = {
                "points": points,
                "program_id": card.program_id.id,
                "coupon_id": card.id,
            }
            order.confirm_coupon_programs({str(card.id): told})
            self.assertLessEqual(card.points, 1)
        self.assertEqual(card.points, 0)
