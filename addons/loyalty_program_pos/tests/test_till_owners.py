from odoo.exceptions import UserError
from odoo.tests import tagged

from .till_common import TillCommon


@tagged("post_install", "-at_install")
class TestTillOwners(TillCommon):
    """A paid order that gets another customer in the office takes its points along."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self._member(), self._member(self.contact)

    def _balances(self):
        self.env.invalidate_all()
        return self.first.points_balance, self.second.points_balance

    def test_points_follow_the_customer_there_and_back(self):
        order = self._sell((self.milk, 1), customer=self.nadia)
        self.assertEqual(self._balances(), (100, 0))
        for _each in range(2):
            order.with_user(self.cashier).partner_id = self.contact
            self.assertEqual(self._balances(), (0, 100))
            order.partner_id = self.nadia
            self.assertEqual(self._balances(), (100, 0))
        self.assertEqual(self.second.points_lifetime, 0)
        self._refund(order)
        self.assertEqual(self._balances(), (0, 0))
        self._assert_sound()

    def test_an_order_without_a_customer_gets_one(self):
        order = self._sell((self.milk, 1))
        order.partner_id = self.nadia
        self.assertEqual(self._balances(), (100, 0))
        order.partner_id = False
        self.assertEqual(self._balances(), (0, 0))
        self._assert_sound()

    def test_what_pends_follows_too(self):
        self.program.pending_days = 3
        order = self._sell((self.milk, 1), customer=self.nadia)
        self.assertEqual(self.first.points_pending, 100)
        for customer, expected in ((self.contact, (0, 100)), (self.nadia, (100, 0))):
            order.partner_id = customer
            self.env.invalidate_all()
            pending = self.first.points_pending, self.second.points_pending
            self.assertEqual(pending, expected)

    def test_whose_points_paid_stays_the_customer(self):
        self.first.earn_points(100, "test")
        order = self._sell(
            (self.milk, 1), self._discount(self.first.card_id), customer=self.nadia
        )
        with self.assertRaisesRegex(UserError, "partner_id"):
            order.partner_id = self.contact

    def test_what_was_refunded_in_part_keeps_its_customer(self):
        order = self._sell((self.milk, 2), customer=self.nadia)
        self._refund(order, (order.lines, 1))
        with self.assertRaisesRegex(UserError, "partner_id"):
            order.partner_id = self.contact
