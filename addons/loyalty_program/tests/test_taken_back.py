from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestTakenBack(RefundCommon):
    """Refunds of what codes paid for, changes of confirmed orders, points that were
    taken back by hand.
    """

    def _paid_by_code(self, account, amount=110.0):
        code = account._redeem_reward(self.program.reward_ids)["code"]
        order = self._create_order(account.customer_id, None, amount)
        for card, reward in order._try_apply_code(code).items():
            order._apply_program_reward(reward, card)
        order.action_confirm()
        card = self.env["loyalty.card"].search([("code", "=", code)])
        self.assertEqual(card.points, 0)
        return order, card

    def _set_hundreds(self, order, count):
        order.order_line[0].price_unit = 100 * count
        self.env.invalidate_all()

    # ------------------------------------------------------------------------ codes
    def test_a_refund_gives_back_what_the_code_cost(self):
        account = self._member(100)
        lot = account.lot_ids
        order, card = self._paid_by_code(account)
        self.assertEqual(account.points_balance, order._loyalty_points())
        refund = self._refund(self._invoice(order))
        self.assertEqual((account.points_balance, lot.remaining), (100, 100))
        self.assertEqual((account.points_redeemed, card.points), (0, 0))
        self._assert_sound(account)
        refund.button_draft()
        self.assertEqual(account.points_redeemed, 100)
        self._assert_sound(account)

    def test_a_part_that_is_refunded_gives_a_part_back_and_cancelling_the_rest(self):
        account = self._member(100)
        order, card = self._paid_by_code(account)
        self._refund(self._invoice(order), 55)
        self.assertEqual(account.points_redeemed, 50)
        order._action_cancel()
        self.assertEqual((account.points_balance, account.points_redeemed), (100, 0))
        self.assertEqual((card.points, card.active), (0, False))
        self._assert_sound(account)

    def test_cancelling_without_a_refund_gives_the_code_back(self):
        account = self._member(100)
        order, card = self._paid_by_code(account)
        order._action_cancel()
        self.assertEqual((card.points, card.active), (1, True))
        self.assertEqual((account.points_balance, account.points_redeemed), (0, 100))

    def test_who_took_an_account_over_gets_what_codes_had_cost(self):
        account, other = self._member(100), self._member()
        expiry = account.lot_ids.expires_at
        order, _card = self._paid_by_code(account)
        invoice = self._invoice(order)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        people = account.customer_id | other.customer_id
        wizard._merge(people.ids, other.customer_id)
        self._refund(invoice, 55)
        self.assertEqual(sum(other.transaction_ids.mapped("points")), 100)
        self._refund(invoice, 55)
        lots = other.lot_ids.filtered("remaining")
        self.assertEqual(sum(lots.mapped("remaining")), other.points_balance)
        self.assertEqual(set(lots.mapped("expires_at")), {expiry})
        self._assert_sound(account | other)

    # ---------------------------------------------------------------------- changes
    def test_an_order_that_is_changed_earns_what_it_is_now(self):
        account = self._member()
        order = self._buy(account, 100)
        for hundreds, points in ((1, 100), (3, 300), (2, 200), (3, 300), (5, 500)):
            self._set_hundreds(order, hundreds)
            self.assertEqual(account.points_balance, points, hundreds)
            self.assertEqual(account.points_lifetime, points, hundreds)
        order._action_cancel()
        self.assertEqual(account.points_balance, 0)
        order.action_draft()
        order.action_confirm()
        self.assertEqual(account.points_balance, 500)
        self._assert_sound(account)

    def test_lines_that_come_later_count_and_the_tier_is_that_of_then(self):
        self.program.tiers = [
            {"name": "First", "code": "bronze", "min_points": 0},
            {
                "name": "Second",
                "code": "silver",
                "min_points": 50,
                "benefits": [{"type": "points_multiplier", "value": 2}],
            },
        ]
        account = self._member()
        order = self._buy(account, 100)
        self.assertEqual(
            (account.current_tier, account.points_balance), ("silver", 100)
        )
        order.order_line = [
            Command.create(
                {"product_id": self.product.id, "price_unit": 40, "tax_ids": False}
            )
        ]
        self.assertEqual(account.points_balance, 140)
        self._assert_sound(account)

    def test_what_pends_follows_the_order(self):
        self.program.pending_days = 7
        account = self._member()
        order = self._buy(account, 100)
        self._set_hundreds(order, 2)
        self.assertEqual(account.points_pending, 200)
        self._set_hundreds(order, 1)
        self.assertEqual(account.points_pending, 100)
        refund = self._refund(self._invoice(order))
        self.env.invalidate_all()
        self.assertEqual(account.points_pending, 0)
        refund.button_draft()
        self.env.invalidate_all()
        self.assertEqual(account.points_pending, 100)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(account.points_pending, 100)

    def test_more_than_a_day_allows_is_held_when_an_order_grows(self):
        self.program.daily_earning_cap = 150
        account = self._member()
        order = self._buy(account, 100)
        self._set_hundreds(order, 4)
        self.assertEqual((account.points_balance, account.points_held), (100, 300))

    def test_too_small_for_the_program_earns_nothing_any_more(self):
        self.program.rule_ids.minimum_amount = 50
        account = self._member()
        order = self._buy(account, 100)
        order.order_line.price_unit = 30
        self.assertEqual(account.points_balance, 0)
        order.order_line.price_unit = 60
        self.assertEqual(account.points_balance, 60)
        small = self._buy(account, 10)
        self.assertEqual(account.points_balance, 60)
        small.order_line.price_unit = 70
        self.assertEqual(account.points_balance, 130)
        self._assert_sound(account)

    # ---------------------------------------------------------------------- by hand
    def test_what_was_reversed_by_hand_stays_so(self):
        account = self._member()
        order = self._buy(account, 100)
        self.assertEqual(self.service.reverse_order(order.id)["points"], 0)
        self._invoice(order)
        self._set_hundreds(order, 2)
        self.assertEqual(account.points_balance, 0)
        self.assertEqual(self.service.process_order(order.id)["points"], 200)
        self.assertEqual(account.points_balance, 200)
        self._assert_sound(account)

    def test_pending_points_come_back_as_well(self):
        self.program.pending_days = 7
        account = self._member()
        order = self._buy(account, 100)
        self.service.reverse_order(order.id)
        self.assertEqual(account.points_pending, 0)
        self.service.process_order(order.id)
        self.env.invalidate_all()
        self.assertEqual(account.points_pending, 100)
        self.assertEqual(len(account.pending_ids), 1)

    def test_what_was_refunded_is_not_processed(self):
        account = self._member()
        self.program.is_active = False
        order = self._buy(account, 100)
        self._refund(self._invoice(order))
        self.program.is_active = True
        self.assertEqual(self.service.process_order(order.id)["points"], 0)
        self.assertFalse(account.transaction_ids)
        half = self._create_order(account.customer_id, None, 100)
        self.program.is_active = False
        half.action_confirm()
        self._refund(self._invoice(half), 40)
        self.program.is_active = True
        self.assertEqual(self.service.process_order(half.id)["points"], 60)
        self._assert_sound(account)

    def test_credit_notes_are_refused_where_spent_points_block(self):
        self.program.shortfall = "block"
        account = self._member()
        order = self._buy(account, 100)
        invoice = self._invoice(order)
        account.redeem_points(80, "discount", 8)
        with self.assertRaisesRegex(UserError, "80"), self.env.cr.savepoint():
            self._refund(invoice)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.order_line.price_unit = 10
        self._refund(invoice, 20)
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)
