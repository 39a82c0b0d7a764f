from datetime import timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestMergeOrders(RefundCommon):
    """What a contact did before it was merged goes on where its points went."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls._member(), cls._member()

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        people = source.customer_id | target.customer_id
        wizard._merge(people.ids, target.customer_id)
        self.env.flush_all()
        self.env.invalidate_all()

    def _assert_stands(self, balance, account=None):
        self.env.flush_all()
        self.env.invalidate_all()
        account = account or self.two
        self.assertEqual(account.points_balance, balance)
        closed = account.with_context(active_test=False).search(
            [("merged_into_id", "=", account.id)]
        )
        self.assertEqual(set(closed.mapped("points_balance")) | {0}, {0})
        self._assert_sound(account | closed)

    def _expiries(self, account):
        lots = account.lot_ids.filtered("remaining").grouped("expires_at")
        return {day: sum(mine.mapped("remaining")) for day, mine in lots.items()}

    def _paid_with_points(self, account, amount=110.0):
        """A confirmed order that claimed a reward for 100 points."""
        order = self._create_order(account.customer_id, None, amount)
        self._claim(order, account)
        order.action_confirm()
        return order

    # ------------------------------------------------------------------------ orders
    def test_what_an_order_redeemed_comes_back_to_who_took_over(self):
        with freeze_time(NOW - timedelta(days=60)):
            self.one.earn_points(100, "test")
        expiry = self.one.lot_ids.expires_at
        order = self._paid_with_points(self.one)
        self._merge(self.one, self.two)
        self._assert_stands(order._loyalty_points())
        order._action_cancel()
        self._assert_stands(100)
        self.assertEqual(self._expiries(self.two), {expiry: 100})
        self.assertEqual(self._rows_of(self.one)[-1][0], "transfer")

    def test_a_part_that_is_refunded_gives_its_part_back_and_no_more(self):
        with freeze_time(NOW - timedelta(days=60)):
            self.one.earn_points(60, "test")
        first = self.one.lot_ids.expires_at
        self.one.earn_points(40, "test")
        second = max(self.one.lot_ids.mapped("expires_at"))
        order = self._paid_with_points(self.one)
        invoice = self._invoice(order)
        self._merge(self.one, self.two)
        self._refund(invoice, 55)
        redeemed = [p for kind, p in self._rows_of(self.two) if kind == "redeem"]
        self.assertEqual(sum(redeemed), 50)
        refund = self._refund(invoice, 10)
        refund.button_draft()
        redeemed = [p for kind, p in self._rows_of(self.two) if kind == "redeem"]
        self.assertEqual(sum(redeemed), 50)
        order._action_cancel()
        self._assert_stands(100)
        self.assertEqual(self._expiries(self.two), {first: 60, second: 40})

    def test_orders_grow_and_shrink_for_who_took_over(self):
        order = self._buy(self.one, 100)
        self._merge(self.one, self.two)
        for amount in (150, 40, 200):
            order.order_line.price_unit = amount
            self._assert_stands(amount)
        self.service.process_order(order.id)
        self._assert_stands(200)
        self._refund(self._invoice(order), 50)
        self._assert_stands(150)
        order._action_cancel()
        self._assert_stands(0)
        order.action_draft()
        order.action_confirm()
        self._assert_stands(200)

    def test_chains_of_merges_end_where_the_points_are(self):
        three = self._member()
        with freeze_time(NOW - timedelta(days=60)):
            self.one.earn_points(100, "test")
        expiry = self.one.lot_ids.expires_at
        order = self._paid_with_points(self.one)
        invoice = self._invoice(order)
        self._merge(self.one, self.two)
        self._refund(invoice, 55)
        self._merge(self.two, three)
        self._refund(invoice, 55)
        self._assert_stands(100, three)
        self.assertEqual(self._expiries(three), {expiry: 100})
        order._action_cancel()
        self._assert_stands(100, three)

    def test_quotations_that_claimed_pay_from_the_new_account(self):
        self.one.earn_points(100, "test")
        order = self._create_order(self.one.customer_id, None, 110)
        self._claim(order, self.one)
        self._merge(self.one, self.two)
        self.assertEqual(order.order_line.coupon_id, self.two.card_id)
        self.assertEqual(order.applied_coupon_ids, self.two.card_id)
        order.action_confirm()
        self.assertTrue(order.order_line.filtered("reward_id"))
        self._assert_stands(order._loyalty_points())
        self.assertEqual(self.two.points_redeemed, 100)
        order._action_cancel()
        self._assert_stands(100)

    def test_an_order_that_knows_both_cards_knows_one(self):
        self.one.earn_points(10, "test")
        order = self._create_order(self.one.customer_id, None, 110)
        cards = self.one.card_id | self.two.card_id
        order.applied_coupon_ids = cards
        order.coupon_point_ids = [
            Command.create({"coupon_id": card.id, "points": 0}) for card in cards
        ]
        self._merge(self.one, self.two)
        self.assertEqual(order.applied_coupon_ids, self.two.card_id)
        self.assertEqual(order.coupon_point_ids.coupon_id, self.two.card_id)
        order.action_confirm()
        self._assert_stands(120)

    def test_standards_history_goes_along(self):
        self.one.earn_points(100, "test")
        order = self._paid_with_points(self.one)
        self._merge(self.one, self.two)
        history = self.env["loyalty.history"].search(
            [("order_model", "=", "sale.order"), ("order_id", "=", order.id)]
        )
        self.assertEqual(history.card_id, self.two.card_id)

    def test_who_took_over_is_a_member_for_as_long_as_the_other_was(self):
        with freeze_time(NOW - timedelta(days=700)):
            former = self.accounts._enroll(
                self.program, self._create_customer(), NOW - timedelta(days=700)
            )
        self._merge(former, self.two)
        self.assertEqual(self.two.joined_at, NOW - timedelta(days=700))

    def test_what_expired_before_is_not_owed_by_who_took_over(self):
        order, other = self._buy(self.one, 100), self._buy(self.one, 60)
        invoice = self._invoice(order)
        with freeze_time(NOW + timedelta(days=400)):
            self.service.expire_points()
            self.two.earn_points(30, "test")
            (lot,) = self.two.lot_ids.filtered("remaining")
            self._merge(self.one, self.two)
            self._refund(invoice, 50)
            self._assert_stands(30)
            refund = self._refund(invoice, 50)
            self._assert_stands(30)
            refund.button_draft()
            self.service.expire_points()
            self._assert_stands(30)
            (order | other)._action_cancel()
            self._assert_stands(30)
            self.assertEqual(self.two.lot_ids.filtered("remaining"), lot)

    def test_what_expired_since_is_not_owed_but_what_was_spent_is(self):
        order = self._buy(self.one, 100)
        self.one.redeem_points(20, "discount", 2)
        other = self._buy(self.one, 60)
        self._merge(self.one, self.two)
        with freeze_time(NOW + timedelta(days=400)):
            self.service.expire_points()
            order.order_line.price_unit = 50
            self._assert_stands(0)
            order._action_cancel()
            self._assert_stands(-20)
            other._action_cancel()
            self._assert_stands(-20)

    # ----------------------------------------------------------------------- pending
    def test_what_pends_goes_along_whatever_became_of_it(self):
        self.program.pending_days = 7
        order = self._buy(self.one, 100)
        refund = self._refund(self._invoice(order))
        self._merge(self.one, self.two)
        self._assert_stands(0)
        refund.button_draft()
        self.env.invalidate_all()
        self.assertEqual(self.two.points_pending, 100)
        order.order_line.price_unit = 60
        self.env.invalidate_all()
        self.assertEqual(self.two.points_pending, 60)
        later = NOW + timedelta(days=8)
        self.env["loyalty.pending"]._release_due(later, 10)
        self._assert_stands(60)
        order._action_cancel()
        self._assert_stands(0)

    def test_what_was_turned_down_stays_so(self):
        self.program.daily_earning_cap = 50
        order = self._buy(self.one, 100)
        review = {"pending_ids": self.one.pending_ids.ids, "reason": "Odd"}
        self.env["loyalty.review"].create(review).action_reject()
        self._merge(self.one, self.two)
        self.program.daily_earning_cap = 0
        self.service.process_order(order.id)
        self._assert_stands(0)

    def test_what_was_released_before_is_refunded_after(self):
        self.program.pending_days = 7
        order = self._buy(self.one, 100)
        invoice = self._invoice(order)
        self._refund(invoice, 30)
        self.env["loyalty.pending"]._release_due(NOW + timedelta(days=8), 10)
        self._merge(self.one, self.two)
        self._assert_stands(70)
        self._refund(invoice, 20)
        self._assert_stands(50)

    # ------------------------------------------------------------------------- once
    def test_what_was_asked_for_once_is_not_done_again(self):
        self.one.earn_points(300, "test")
        other = self._member()
        reward = self.program.reward_ids
        first = self.one._redeem_reward(reward, "portal:redeem:abc")
        self.one._give(other.referral_code, 50, "portal:transfer:abc")
        self._merge(self.one, self.two)
        again = self.two._redeem_reward(reward, "portal:redeem:abc")
        self.assertEqual(again["code"], first["code"])
        self.assertTrue(self.two._is_done("portal:transfer:abc"))
        self.two._give(other.referral_code, 50, "portal:transfer:abc")
        self._assert_stands(150)
        self.assertEqual(other.points_balance, 50)

    def test_orders_of_the_past_are_credited_once(self):
        order = self._buy(self.one, 100)
        # As the back-fill credits them: the order itself does not know.
        order.loyalty_basis = False
        self._merge(self.one, self.two)
        self.service.process_order(order.id)
        self._assert_stands(100)

    def test_a_sign_up_and_a_birthday_are_rewarded_once(self):
        self.program.earning_rules = [
            {"type": "signup", "points": 5},
            {"type": "birthday", "points": 30},
        ]
        born = NOW.replace(year=2000).date()
        # Whose account was opened with a card has had no bonus.
        one, two = self._member(birthday=born), self.two
        self.env["loyalty.occasion"]._credit_occasions(NOW)
        self.assertEqual(one.points_balance, 35)
        self._merge(one, two)
        two.customer_id.birthday = born
        self.accounts._enroll(self.program, two.customer_id, NOW)
        self.accounts._enroll_many(self.program, two.customer_id.ids, NOW)
        self.env["loyalty.occasion"]._credit_occasions(NOW)
        self._assert_stands(35, two)

    def test_a_bonus_that_pends_is_not_added_to_one_that_was_credited(self):
        self.program.earning_rules = [{"type": "signup", "points": 80}]
        one = self._member()
        self.program.daily_earning_cap = 50
        two = self._member()
        self.assertEqual((one.points_balance, two.points_held), (80, 80))
        self._merge(one, two)
        self._assert_stands(80, two)
        self.assertEqual(two.points_held, 0)

    def test_limits_of_a_day_are_those_of_both(self):
        self.program.write({"daily_earning_cap": 150, "daily_redemption_cap": 100})
        self._buy(self.one, 100)
        self.one.redeem_points(60, "discount", 6)
        self.one.adjust_points(100, "Sorry")
        self._merge(self.one, self.two)
        self._buy(self.two, 60)
        self.assertEqual(self.two.points_held, 60)
        with self.assertRaisesRegex(ValidationError, "100 a day"):
            self.two._redeem(50, "discount", 5)

    # ------------------------------------------------------------------------- codes
    def test_codes_that_members_gave_away_lead_to_who_took_over(self):
        code, other = self.one.referral_code, self._member(50)
        self._merge(self.one, self.two)
        self.program.earning_rules = [
            *self.program.earning_rules,
            {"type": "referral", "points": 200},
        ]
        self.assertEqual(self.accounts._by_code(code), self.two)
        self.assertEqual(other._recipient(code), self.two)
        self.assertFalse(self.two._recipient(code))
        other._give(code, 20, "portal:transfer:xyz")
        self._assert_stands(20)

    def test_part_of_a_code_that_came_back_before_has_the_expiry_it_had(self):
        with freeze_time(NOW - timedelta(days=60)):
            self.one.earn_points(50, "test")
        first = self.one.lot_ids.expires_at
        self.one.earn_points(50, "test")
        second = max(self.one.lot_ids.mapped("expires_at"))
        code = self.one._redeem_reward(self.program.reward_ids)["code"]
        order = self._create_order(self.one.customer_id, None, 110)
        for card, reward in order._try_apply_code(code).items():
            order._apply_program_reward(reward, card)
        order.action_confirm()
        invoice = self._invoice(order)
        self._refund(invoice, 44)
        self._merge(self.one, self.two)
        self._refund(invoice, 66)
        self._assert_stands(100)
        self.assertEqual(self._expiries(self.two), {first: 50, second: 50})
