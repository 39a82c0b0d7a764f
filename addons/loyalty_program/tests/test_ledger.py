from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestLedger(LoyaltyCommon):
    """Every movement of a card's points has exactly one explanation."""

    def test_an_order_earns_when_it_is_confirmed(self):
        account = self._member()
        order = self._create_order(account.customer_id, None, 120)
        order._update_programs_and_rewards()
        self.assertEqual(account.points_balance, 0)
        order.action_confirm()
        self.assertEqual(self._rows_of(account), [("earn", 120)])
        row = account.transaction_ids
        self.assertEqual((row.source_type, row.source_id), ("sale.order", order.id))
        self.assertEqual((account.points_balance, account.card_id.points), (120, 120))
        self._assert_sound(account)

    def test_who_orders_first_joins(self):
        customer = self.env["res.partner"].create({"name": "New"})
        order = self._buy(self.accounts, partner=customer)
        account = self.accounts._account_of(self.program, customer)
        self.assertEqual(account.points_balance, 100)
        self.assertEqual(account.card_id.partner_id, customer)
        self.assertTrue(order)
        self._assert_sound(account)

    def test_a_cart_opens_no_account(self):
        customer = self.env["res.partner"].create({"name": "New"})
        order = self._create_order(customer, None, 120)
        order._update_programs_and_rewards()
        self.assertFalse(self.accounts._account_of(self.program, customer))
        cards = self.env["loyalty.card"].search([("partner_id", "=", customer.id)])
        self.assertFalse(cards)

    def test_cancelling_takes_the_net_of_an_order_back_to_nothing(self):
        account = self._member(150)
        order = self._create_order(account.customer_id, None, 200)
        self.assertEqual(self._claim(order, account), {})
        order.action_confirm()
        self.assertEqual(
            self._rows_of(account), [("earn", 150), ("redeem", -100), ("earn", 200)]
        )
        self.assertEqual(account.points_redeemed, 100)
        order._action_cancel()
        self.assertEqual(account.points_balance, 150)
        self.assertEqual(account.points_lifetime, 150)
        self.assertEqual(account.points_redeemed, 0)
        self._assert_sound(account)

    def test_cancel_draft_confirm_earns_again(self):
        account = self._member()
        order = self._buy(account)
        for _round in range(2):
            order._action_cancel()
            self.assertEqual(account.points_balance, 0)
            order.action_draft()
            order.action_confirm()
            self.assertEqual(account.points_balance, 100)
        self._assert_sound(account)

    def test_process_order_credits_once(self):
        account = self._member()
        order = self._buy(account)
        for _round in range(3):
            self.service.process_order(order.id)
        self.assertEqual(self._rows_of(account), [("earn", 100)])

    def test_redeeming_consumes_the_oldest_first_and_the_rest_expires(self):
        account = self._member()
        with freeze_time(NOW - timedelta(days=300)):
            account.earn_points(60, "test")
        with freeze_time(NOW - timedelta(days=100)):
            account.earn_points(80, "test")
        order = self._create_order(account.customer_id, None, 50)
        self._claim(order, account)
        order.action_confirm()
        remaining = account.lot_ids.sorted("id").mapped("remaining")
        self.assertEqual(remaining, [0, 40, 50])
        later = NOW + timedelta(days=280)
        self.assertEqual(self.env["loyalty.expiry"]._expire_all(later), 1)
        self.assertEqual(self._rows_of(account)[-1], ("expire", -40))
        self.assertEqual(account.points_balance, 50)
        order._action_cancel()
        # The lots come back with their old expiry, and expire at once.
        self.env["loyalty.expiry"]._expire_all(later)
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_points_that_were_spent_make_a_debt_that_is_repaid_first(self):
        account = self._member()
        first = self._buy(account, 150)
        second = self._create_order(account.customer_id, None, 20)
        self._claim(second, account)
        second.action_confirm()
        self.assertEqual(account.points_balance, 70)
        first._action_cancel()
        self.assertEqual(account.points_balance, -80)
        self.assertEqual(account.points_debt, 80)
        self._assert_sound(account)
        account.earn_points(100, "test")
        self.assertEqual((account.points_balance, account.points_debt), (20, 0))
        self.assertEqual(account.lot_ids.sorted("id")[-1].remaining, 20)
        self._assert_sound(account)

    def test_a_program_may_refuse_or_forgive(self):
        for shortfall, balance in (("block", 70), ("cap", 0)):
            self.program.shortfall = shortfall
            account = self._member()
            first = self._buy(account, 150)
            second = self._create_order(account.customer_id, None, 20)
            self._claim(second, account)
            second.action_confirm()
            with self.subTest(shortfall=shortfall):
                if shortfall == "block":
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        first._action_cancel()
                else:
                    first._action_cancel()
                self.assertEqual(account.points_balance, balance)
                self._assert_sound(account)

    def test_whoever_writes_a_card_writes_the_ledger(self):
        account = self._member(50)
        account.card_id.points = 80
        account.card_id.write({"points": 20})
        account.card_id.sudo().points += 0.126
        self.assertEqual(
            self._rows_of(account),
            [("earn", 50), ("adjust", 30), ("adjust", -60), ("adjust", 0.13)],
        )
        self.assertEqual(account.points_lifetime, 50)
        self._assert_sound(account)

    def test_points_of_wizards_expire_as_others_do(self):
        account = self._member()
        card = account.card_id
        self.env["loyalty.card.update.balance"].create(
            {"card_id": card.id, "new_balance": 40, "description": "Sorry"}
        ).action_update_card_point()
        customer = self.env["res.partner"].create({"name": "New"})
        self.env["loyalty.generate.wizard"].create(
            {
                "program_id": self.program.id,
                "mode": "selected",
                "customer_ids": (account.customer_id | customer).ids,
                "points_granted": 60,
            }
        ).generate_coupons()
        card.points += 5
        self.env.invalidate_all()
        other = account._account_of(self.program, customer)
        lots = (account | other).lot_ids
        self.assertEqual(sum(lots.mapped("remaining")), 165)
        expiry = self.program._expiry(NOW)
        self.assertEqual(set(lots.mapped("expires_at")), {expiry})
        row = account.transaction_ids.sorted("id")[0]
        self.assertEqual(row.expires_at, expiry)
        self._assert_sound(account, other)

    def test_standards_wizard_is_explained(self):
        account = self._member(50)
        wizard = self.env["loyalty.card.update.balance"].create(
            {"card_id": account.card_id.id, "new_balance": 75, "description": "Sorry"}
        )
        wizard.action_update_card_point()
        self.assertEqual(self._rows_of(account)[-1], ("adjust", 25))
        row = account.transaction_ids.sorted("id")[-1]
        self.assertEqual(row.source_description, "Sorry")
        self._assert_sound(account)

    def test_rewards_that_change_on_a_confirmed_order(self):
        account = self._member(350)
        order = self._buy(account, 500)
        self._claim(order, account)
        self.assertEqual(account.points_balance, 750)
        line = order.order_line.filtered("reward_id")
        line.points_cost = 150
        self.assertEqual(account.points_balance, 700)
        line._reset_loyalty(True)
        self.assertEqual(account.points_balance, 850)
        kinds = {kind for kind, _points in self._rows_of(account)}
        self.assertEqual(kinds, {"earn", "redeem"})
        self._assert_sound(account)

    def test_two_orders_cannot_spend_the_same_points_in_one_confirmation(self):
        account = self._member(100)
        orders = self.env["sale.order"]
        for _each in range(2):
            order = self._create_order(account.customer_id, None, 20)
            self._claim(order, account)
            orders += order
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            orders.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(account.points_balance, 100)

    def test_the_ledger_is_immutable(self):
        account = self._member(50)
        with self.assertRaises(UserError):
            account.transaction_ids.points = 5000
        with self.assertRaises(UserError):
            account.transaction_ids.unlink()
        with self.assertRaises(UserError):
            account.unlink()

    def test_accounts_belong_to_the_exact_contact(self):
        firm = self._member(100, is_company=True)
        contact = self._create_customer(parent_id=firm.customer_id.id)
        order = self._buy(firm, 70, partner=contact)
        account = self.accounts._account_of(self.program, contact)
        self.assertEqual(account.points_balance, 70)
        self.assertEqual((account.total_orders, account.total_spend), (1, 70))
        self.assertEqual(firm.points_balance, 100)
        order._action_cancel()
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(firm, account)

    def test_points_are_whole_and_multiplied_by_the_tier_before_the_order(self):
        self.program.tiers = [
            {"name": "Start", "code": "bronze", "min_points": 0, "benefits": []},
            {
                "name": "More",
                "code": "silver",
                "min_points": 100,
                "benefits": [{"type": "points_multiplier", "value": 1.5}],
            },
        ]
        account = self._member()
        self._buy(account, 100.99)
        self.assertEqual(
            (account.points_balance, account.current_tier), (100, "silver")
        )
        self._buy(account, 33)
        self.assertEqual(account.points_balance, 149)

    def test_amounts_count_in_the_programs_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 0.5, "name": "2030-01-01"}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        account = self._member()
        self._buy(account, 100, pricelist_id=pricelist.id)
        self.assertEqual(account.points_balance, 200)

    def test_points_that_come_back_pay_the_debt_first(self):
        account = self._member()
        first = self._buy(account, 100)
        second = self._create_order(account.customer_id, None, 10)
        self._claim(second, account)
        second.action_confirm()
        first._action_cancel()
        self.assertEqual(account.points_balance, account.points_lifetime - 100)
        self.assertGreater(account.points_debt, 0)
        second._action_cancel()
        account.invalidate_recordset()
        self.assertEqual((account.points_balance, account.points_debt), (0, 0))
        self.assertFalse(sum(account.lot_ids.mapped("remaining")))
        self._assert_sound(account)

    def test_pending_points_of_many_are_credited_in_as_few_statements(self):
        self.program.pending_days = 14
        pending, later = self.env["loyalty.pending"], NOW + timedelta(days=14)

        def counted(number):
            for _each in range(number):
                self._buy(self._member(), 10)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(pending._release_due(later, 100), number)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        counted(2)
        few = counted(3)
        self.assertLessEqual(counted(20), few + 2)

    def test_points_pend_as_the_program_says(self):
        self.program.pending_days = 14
        account = self._member()
        order, other = self._buy(account), self._buy(account, 50)
        self.assertEqual((account.points_balance, account.points_pending), (0, 150))
        other._action_cancel()
        pending = self.env["loyalty.pending"]
        pending._release_due(NOW + timedelta(days=13), 100)
        self.assertEqual(account.points_balance, 0)
        pending._release_due(NOW + timedelta(days=14), 100)
        pending._release_due(NOW + timedelta(days=14), 100)
        account.invalidate_recordset()
        self.assertEqual((account.points_balance, account.points_pending), (100, 0))
        order._action_cancel()
        self.assertEqual(account.points_balance, 0)
        self._assert_sound(account)

    def test_zero_and_negative_orders_earn_nothing(self):
        account = self._member()
        for amount in (0, -50, 0.99):
            self._buy(account, amount)
        self.assertFalse(self._rows_of(account))

    def test_a_program_that_is_switched_off_earns_nothing_and_still_writes(self):
        account = self._member(50)
        self.program.is_active = False
        self._buy(account)
        account.card_id.points = 40
        self.assertEqual(self._rows_of(account), [("earn", 50), ("adjust", -10)])
        self._assert_sound(account)
