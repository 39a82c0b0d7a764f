from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestLoopholes(LoyaltyCommon):
    """Points that could be stolen, lost or promised in vain."""

    def _redeem(self, account, reward=None, key=None):
        return account._redeem_reward(reward or self.program.reward_ids, key)

    def _card(self, code):
        return self.env["loyalty.card"].search([("code", "=", code)])

    def test_a_key_that_another_movement_had_buys_no_code(self):
        account, other = self._member(300), self._member()
        account._transfer(other, 1, key="portal:k")
        cards = self.env["loyalty.card"].search_count([])
        for _again in range(2):
            with self.assertRaisesRegex(ValidationError, "asked for before"):
                self._redeem(account, key="portal:k")
        self.assertEqual(self.env["loyalty.card"].search_count([]), cards)
        self.assertEqual(account.points_balance, 299)
        first = self._redeem(account, key="portal:other")
        self.assertEqual(self._redeem(account, key="portal:other"), first)

    def test_unused_codes_of_a_merged_customer_come_back_with_their_expiry(self):
        account, into = self._member(200), self._member(50)
        expires = account.lot_ids.expires_at
        self._redeem(account)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((account | into).customer_id.ids, into.customer_id)
        self.assertEqual(len(into._codes()), 1)
        later = NOW + timedelta(days=60)
        with freeze_time(later):
            self.accounts._return_codes(later, 10)
        into.invalidate_recordset()
        self.assertEqual(into.points_balance, 250)
        back = into.lot_ids.sorted("id")[-1]
        self.assertEqual((back.remaining, back.expires_at), (100, expires))
        self._assert_sound(account, into)
        for move in (
            lambda: account.earn_points(5, "x"),
            lambda: account.adjust_points(5, "x"),
            lambda: account.redeem_points(5, "discount", 1),
        ):
            with self.assertRaisesRegex(ValidationError, "merged"):
                move()

    def test_codes_keep_what_they_promised_and_new_ones_follow_the_reward(self):
        account = self._member(500)
        old = self._card(self._redeem(account)["code"])
        self.program.reward_ids.discount = 1
        new = self._card(self._redeem(account)["code"])
        self.assertEqual(old.program_id.reward_ids.discount, 10)
        self.assertEqual(new.program_id.reward_ids.discount, 1)
        again = self._card(self._redeem(account)["code"])
        self.assertEqual(again.program_id, new.program_id)
        self.assertEqual(again.redemption_id.redemption_value, 1)

    def test_a_reward_per_point_is_worth_all_of_its_points(self):
        self.program.reward_ids = [
            Command.clear(),
            Command.create(
                {
                    "reward_type": "discount",
                    "discount_mode": "per_point",
                    "discount": 0.1,
                    "required_points": 100,
                }
            ),
        ]
        account = self._member(100)
        card = self._card(self._redeem(account)["code"])
        self.assertEqual(card.redemption_id.redemption_value, 10)
        order = self._create_order(account.customer_id, None, 50)
        for coupon, rewards in order._try_apply_code(card.code).items():
            order._apply_program_reward(rewards, coupon)
        self.assertEqual(order.amount_total, 40)

    def test_balances_without_an_end_open_with_points_that_expire(self):
        program = self._program(is_active=False)
        customers = [self._create_customer() for _each in range(2)]
        for customer, day in zip(customers, (False, date(2041, 1, 1)), strict=True):
            self.env["loyalty.card"].create(
                {
                    "program_id": program.id,
                    "partner_id": customer.id,
                    "points": 150,
                    "expiration_date": day,
                }
            )
        program.is_active = True
        plain, dated = (self.accounts._account_of(program, c) for c in customers)
        self.assertEqual(plain.lot_ids.expires_at, NOW.replace(year=2041))
        self.assertEqual(dated.lot_ids.expires_at.date(), date(2041, 1, 2))

    def test_salespersons_neither_write_points_nor_hand_cards_over(self):
        account, other = self._member(100), self._member()
        seller = self._user("card_seller", "sales_team.group_sale_salesman")
        card = account.card_id.with_user(seller)
        with self.assertRaises(AccessError):
            card.points = 99999
        for values in (
            {"partner_id": other.customer_id.id},
            {"program_id": self._program(is_active=False).id},
            {"active": False},
        ):
            with self.assertRaises(UserError):
                card.write(values)
        self.assertEqual(account.points_balance, 100)
        order = self._create_order(account.customer_id, None, 110)
        order.user_id = seller
        order = order.with_user(seller)
        order._update_programs_and_rewards()
        order._apply_program_reward(self.program.reward_ids, account.card_id)
        order.action_confirm()
        account.invalidate_recordset()
        self.assertEqual(account.points_balance, 110)

    def test_what_orders_earn_is_given_or_one_point_a_unit(self):
        programs = self.env["loyalty.program"]
        plain = programs.create({"name": "A", "code": "plain", "is_active": True})
        self.assertEqual(plain.points_per_currency, 1)
        rules = [{"type": "signup", "points": 5}]
        values = {"points_per_currency": 3, "earning_rules": rules}
        other = programs.create({"name": "B", "code": "other", **values})
        self.assertEqual(other.points_per_currency, 3)
        plain.write(values)
        self.assertEqual(plain.points_per_currency, 3)
        self.assertEqual(plain.earning_rule_ids.points, 5)

    def test_false_stands_for_nothing_as_xmlrpc_sends_it(self):
        account = self._member()
        self.assertEqual(account.earn_points(10, "promo", False, False), 10)
        self.assertTrue(account.redeem_points(4, "discount", 1, False))
        self.assertFalse(account.transaction_ids.sorted("id")[-1].redemption_code)
        for wrong in ({"a": 1}, ["x"], 5):
            with self.assertRaisesRegex(ValidationError, "code"):
                account.redeem_points(1, "discount", 1, wrong)
            with self.assertRaisesRegex(ValidationError, "redemption_type"):
                account.redeem_points(1, wrong, 1)
            with self.assertRaisesRegex(ValidationError, "transaction_type"):
                self.service.get_transactions(
                    account.customer_id.id, transaction_type=wrong
                )

    def test_a_copy_has_the_benefits_of_its_tiers(self):
        benefit = {"type": "points_multiplier", "value": 2}
        self.program.tiers = [
            {"name": "A", "code": "bronze", "min_points": 0, "benefits": [benefit]}
        ]
        self.assertEqual(self.program.copy().tiers, self.program.tiers)
