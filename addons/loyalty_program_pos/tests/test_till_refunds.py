from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .till_common import TillCommon


@tagged("post_install", "-at_install")
class TestTillRefunds(TillCommon):
    """What is taken back at the till takes back its points."""

    def test_a_full_refund_leaves_nothing(self):
        account = self._member(points=150)
        line = self._discount(account.card_id)
        order = self._sell((self.milk, 2), line, customer=self.nadia)
        self.assertEqual(account.points_balance, 250)
        refund = self._refund(order)
        for _more in range(2):
            refund.sudo()._loyalty_book()
        self.assertEqual(account.points_balance, 150)
        self.assertEqual(account.points_lifetime, 150)
        self.assertEqual(account.points_redeemed, 0)
        kinds = [kind for kind, _points in self._rows(account)]
        self.assertEqual(kinds, ["earn", "redeem", "earn", "redeem", "earn"])
        self._assert_sound()

    def test_parts_are_taken_back_in_proportion(self):
        account = self._member()
        order = self._sell((self.milk, 3), (self.bread, 2), customer=self.nadia)
        self.assertEqual(account.points_balance, 321)
        milk, bread = order.lines
        self._refund(order, (milk, 1))
        self.assertEqual(account.points_balance, 221)
        self._refund(order, (bread, 1))
        self.assertEqual(account.points_balance, 210)
        self._refund(order, (milk, 2), (bread, 1))
        self.assertEqual(account.points_balance, 0)
        self._assert_sound()

    def test_what_earned_nothing_takes_nothing_back(self):
        self.program.rule_ids.product_ids = self.milk
        account = self._member()
        order = self._sell((self.milk, 1), (self.bread, 10), customer=self.nadia)
        self._refund(order, (order.lines[1], 10))
        self.assertEqual(account.points_balance, 100)

    def test_refunded_rewards_come_back_into_their_lots(self):
        account = self._member(points=150)
        lot = account.lot_ids
        expires = lot.expires_at
        line = self._discount(account.card_id)
        order = self._sell((self.milk, 1), line, customer=self.nadia)
        lot.invalidate_recordset()
        self.assertEqual(lot.remaining, 50)
        self._refund(order, (order.lines[1], 1))
        lot.invalidate_recordset()
        self.assertEqual((lot.remaining, lot.expires_at), (150, expires))
        self.assertEqual(account.points_balance, 250)
        self._assert_sound()

    def test_the_programs_policy_for_points_that_were_spent(self):
        expected = {"debt": -50, "cap": 0, "block": 50}
        for shortfall, balance in expected.items():
            with self.subTest(shortfall), self.env.cr.savepoint() as savepoint:
                self.program.shortfall = shortfall
                account = self._member()
                order = self._sell((self.milk, 1), customer=self.nadia)
                account.adjust_points(-50, "spent")
                if shortfall == "block":
                    with (
                        self.assertRaisesRegex(ValidationError, "have been spent"),
                        self.env.cr.savepoint(),
                    ):
                        self._refund(order)
                else:
                    self._refund(order)
                self.env.invalidate_all()
                self.assertEqual(account.points_balance, balance)
                self._assert_sound()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_points_that_pend_are_taken_back_too(self):
        self.program.pending_days = 7
        account = self._member()
        order = self._sell((self.milk, 2), customer=self.nadia)
        self._refund(order, (order.lines, 1))
        account.invalidate_recordset()
        self.assertEqual(account.points_pending, 100)
        self._refund(order, (order.lines, 1))
        account.invalidate_recordset()
        self.assertEqual(account.points_pending, 0)
        self.assertFalse(self._rows(account))

    def test_an_exchange_takes_back_and_earns(self):
        account = self._member()
        order = self._sell((self.milk, 1), customer=self.nadia)
        line = order.lines
        values = {
            "product": line.product_id,
            "quantity": -1,
            "refunded_orderline_id": line.id,
        }
        self._sell(values, (self.bread, 2), customer=self.nadia)
        self.assertEqual(
            self._rows(account), [("earn", 100), ("earn", 21), ("earn", -100)]
        )
        self._assert_sound()

    def test_refunds_of_the_office_count_as_well(self):
        account = self._member()
        order = self._sell((self.milk, 1), customer=self.nadia).sudo()
        refund = order._refund()
        self.assertEqual(account.points_balance, 100)
        refund.add_payment(
            {
                "pos_order_id": refund.id,
                "amount": refund.amount_total,
                "payment_method_id": self.cash_pm1.id,
            }
        )
        refund.action_pos_order_paid()
        self.assertEqual(account.points_balance, 0)
        self._assert_sound()

    def test_a_refund_gives_back_what_the_code_cost(self):
        account = self._member(points=150)
        code = account._redeem_reward(self.reward)["code"]
        card = self.env["loyalty.card"].search([("code", "=", code)])
        line = self._discount(card, card.program_id.reward_ids, cost=1)
        order = self._sell((self.milk, 2), line, customer=self.nadia)
        self._confirm(order, card.id, -1, program_id=card.program_id.id)
        self.assertEqual((card.points, account.points_redeemed), (0, 100))
        refund = self._refund(order)
        for _more in range(2):
            refund.sudo()._loyalty_book()
        self.assertEqual((account.points_redeemed, account.points_balance), (0, 150))
        self.assertEqual(card.points, 0)
        self._assert_sound()

    def test_what_was_bought_at_the_till_may_be_reviewed(self):
        self.program.earning_rules = [{"type": "review", "points": 5}]
        account = self._member()
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("product.product"),
                "res_id": self.milk.id,
                "partner_id": self.nadia.id,
                "rating": 5,
            }
        )
        rating.consumed = True
        self.assertFalse(account.transaction_ids)
        self._sell((self.milk, 1), customer=self.nadia)
        rating.consumed = False
        rating.consumed = True
        self.assertEqual(self._rows(account), [("earn", 5)])

    def test_what_has_expired_is_not_owed(self):
        account = self._member()
        order = self._sell((self.milk, 1), customer=self.nadia)
        later = fields.Datetime.now() + timedelta(days=400)
        self.env["loyalty.expiry"].sudo()._expire_all(later)
        self.assertEqual((account.points_balance, account.points_expired), (0, 100))
        self._refund(order)
        account.invalidate_recordset()
        self.assertEqual((account.points_balance, account.points_expired), (0, 0))
        self._assert_sound()
