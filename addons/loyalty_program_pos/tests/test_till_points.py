from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .till_common import TillCommon


@tagged("post_install", "-at_install")
class TestTillPoints(TillCommon):
    """The server counts; what the till says moves nothing."""

    def test_an_order_earns_whole_points_times_the_tier(self):
        account = self._member(points=200)
        order = self._sell((self.milk, 1), (self.bread, 1), customer=self.nadia)
        self.assertEqual(self._rows(account), [("earn", 200), ("earn", 165)])
        row = account.transaction_ids.sorted("id")[-1]
        self.assertEqual((row.source_type, row.source_id), ("pos.order", order.id))
        self.assertEqual(account.card_id.points, 365)
        self._assert_sound()

    def test_what_the_till_says_moves_nothing(self):
        account = self._member()
        order = self._sell((self.milk, 1), customer=self.nadia)
        for _twice in range(2):
            told = self._confirm(order, account.card_id.id, 5000)
        self.assertEqual(self._rows(account), [("earn", 100)])
        (update,) = told["coupon_updates"]
        self.assertEqual((update["id"], update["points"]), (account.card_id.id, 100))
        self._confirm(order, account.card_id.id, -50)
        self.assertEqual(account.card_id.points, 100)
        history = account.card_id.history_ids
        self.assertEqual((history.issued, history.used), (100, 0))
        self._assert_sound()

    def test_a_card_is_of_its_own_program_whatever_the_till_says(self):
        account = self._member(points=150)
        card = account.card_id
        programs = self.env["loyalty.program"]
        other = programs.create({"name": "Other", "program_type": "loyalty"})
        gifts = programs.create({"name": "Gifts", "program_type": "gift_card"})
        order = self._sell((self.milk, 1), customer=self.firm)
        for program in (other.id, gifts.id, 0, False, 10**9):
            for number in (card.id, -1):
                for points in (5000, -100):
                    asked = {"points": points, "program_id": program}
                    asked |= {"coupon_id": card.id, "code": card.code}
                    with self.subTest(asked=asked, number=number):
                        cashier = order.with_user(self.cashier)
                        cashier.confirm_coupon_programs({str(number): asked})
                        self.assertEqual(self._rows(account), [("earn", 150)])
                        self.assertEqual(card.points, 150)
        card.active = False
        self._confirm(order, card.id, 5000, program_id=other.id)
        self.assertEqual(self._rows(account), [("earn", 150)])

    def test_codes_that_were_bought_are_never_filled(self):
        account = self._member(points=300)
        code = account._redeem_reward(self.reward)["code"]
        card = self.env["loyalty.card"].search([("code", "=", code)])
        gifts = {"name": "Gifts", "program_type": "gift_card"}
        gifts = self.env["loyalty.program"].create(gifts)
        order = self._sell((self.milk, 1), customer=self.firm)
        before = card.points
        for program in (card.program_id, gifts):
            for told in ({"coupon_id": card.id}, {"code": code}):
                asked = {"points": 50, "program_id": program.id, **told}
                with self.subTest(asked=asked):
                    number = card.id if program != gifts else -1
                    cashier = order.with_user(self.cashier)
                    cashier.confirm_coupon_programs({str(number): asked})
                    self.assertEqual(card.points, before)

    def test_an_order_that_arrives_twice_counts_once(self):
        account = self._member(points=150)
        data = self._data((self.milk, 1), self._discount(account.card_id))
        data["partner_id"] = self.nadia.id
        order = self._sync({**data})
        for _more in range(2):
            self.assertEqual(self._sync({**data}), order)
            order.sudo()._loyalty_book()
        self.assertEqual(
            self._rows(account), [("earn", 150), ("redeem", -100), ("earn", 100)]
        )
        self._assert_sound()

    def test_an_unpaid_order_earns_nothing(self):
        account = self._member()
        data = self._data((self.milk, 1), customer=self.nadia, payments=[])
        order = self._sync({**data, "state": "draft"})
        self._confirm(order, account.card_id.id, 100)
        self.assertFalse(self._rows(account))

    def test_who_buys_first_joins_where_that_is_allowed(self):
        self.program.is_open = False
        order = self._sell((self.milk, 1), customer=self.nadia)
        self.assertEqual(self._confirm(order, -1, 100)["coupon_updates"], [])
        self.assertFalse(self._account(self.nadia))
        self.program.is_open = True
        order = self._sell((self.milk, 1), customer=self.nadia)
        account = self._account(self.nadia)
        told = self._confirm(order, -7, 100, partner_id=self.nadia.id)
        (update,) = told["coupon_updates"]
        self.assertEqual((update["old_id"], update["id"]), (-7, account.card_id.id))
        self.assertEqual(account.points_balance, 100)
        cards = self.env["loyalty.card"].search([("program_id", "=", self.program.id)])
        self.assertEqual(cards, account.card_id)
        self._assert_sound()

    def test_nobodys_order_earns_nothing(self):
        self._sell((self.milk, 1))
        self.assertFalse(self.program.account_ids)

    def test_a_contact_earns_and_spends_for_itself_as_in_the_office(self):
        firm = self._member(self.firm, points=100)
        account = self._member(self.contact, points=100)
        card = account.card_id
        self._sell((self.milk, 1), self._discount(card), customer=self.contact)
        self.assertEqual((account.points_balance, firm.points_balance), (100, 100))
        self.assertEqual(self.program.account_ids, account | firm)
        with self.assertRaises(ValidationError):
            self._sell(
                (self.milk, 1), self._discount(firm.card_id), customer=self.contact
            )

    def test_points_pend_as_the_program_says(self):
        self.program.pending_days = 7
        account = self._member()
        order = self._sell((self.milk, 1), customer=self.nadia)
        self.program.pending_days = 0
        self._confirm(order, account.card_id.id, 100)
        self.assertEqual((account.points_balance, account.points_pending), (0, 100))

    # ----------------------------------------------------------------------- spend
    def test_points_that_the_order_earns_cannot_be_spent_on_it(self):
        account = self._member(points=99)
        card = account.card_id
        with self.assertRaisesRegex(ValidationError, "99"), self.env.cr.savepoint():
            self._sell((self.milk, 5), self._discount(card), customer=self.nadia)
        self.assertEqual(account.points_balance, 99)

    def test_a_reward_costs_what_it_costs(self):
        account = self._member(points=150)
        for cost in (0, -500, 100):
            with self.subTest(cost=cost), self.env.cr.savepoint() as savepoint:
                line = self._discount(account.card_id, cost=cost)
                self._sell((self.milk, 1), line, customer=self.nadia)
                self.assertEqual(account.points_redeemed, 100)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_rewards_cost_at_least(self):
        account = self._member(points=500)
        product = self.env["loyalty.reward"].create(
            {
                "program_id": self.program.id,
                "reward_type": "product",
                "reward_product_id": self.bread.id,
                "reward_product_qty": 2,
                "required_points": 30,
            }
        )
        per_point = self.env["loyalty.reward"].create(
            {
                "program_id": self.program.id,
                "discount_mode": "per_point",
                "discount": 0.1,
                "required_points": 1,
            }
        )
        everything = self.env["loyalty.reward"].create(
            {
                "program_id": self.program.id,
                "discount": 50,
                "clear_wallet": True,
                "required_points": 100,
            }
        )
        cases = [
            (product, {"quantity": 3, "amount": 31.5}, 60),
            (per_point, {"amount": 20}, 200),
            (everything, {"amount": 50}, 500),
        ]
        for reward, values, cost in cases:
            with self.subTest(cost=cost), self.env.cr.savepoint() as savepoint:
                line = self._discount(account.card_id, reward, cost=0, **values)
                self._sell((self.milk, 1), line, customer=self.nadia)
                self.assertAlmostEqual(account.points_redeemed, cost, delta=0.2)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_anothers_points_cannot_be_spent(self):
        account = self._member(points=500)
        self._member(self.firm, points=500)
        for customer in (self.firm, self.env["res.partner"]):
            with self.subTest(customer=customer.name):
                line = self._discount(account.card_id)
                with (
                    self.assertRaisesRegex(ValidationError, "member alone"),
                    self.env.cr.savepoint(),
                ):
                    self._sell((self.milk, 1), line, customer=customer)
        self.assertEqual(account.points_balance, 500)

    def test_a_reward_without_a_card_is_paid_too(self):
        account = self._member(points=500)
        line = self._discount(account.card_id, coupon_id=False)
        order = self._sell((self.milk, 1), line, customer=self.nadia)
        self.assertEqual(account.points_redeemed, 100)
        self.assertEqual(order.lines.coupon_id, account.card_id)

    def test_rewards_of_higher_tiers_are_refused(self):
        account = self._member(points=500)
        self.reward.min_tier = "gold"
        with self.assertRaisesRegex(ValidationError, "higher"), self.env.cr.savepoint():
            line = self._discount(account.card_id)
            self._sell((self.milk, 1), line, customer=self.nadia)

    # ------------------------------------------------------------------------ rules
    def test_rules_count_what_they_say(self):
        rule = self.program.rule_ids
        cases = [
            ({"reward_point_mode": "order", "reward_point_amount": 7}, 7),
            ({"reward_point_mode": "unit", "reward_point_amount": 2}, 6),
            ({"reward_point_mode": "money", "reward_point_amount": 0.5}, 105),
            ({"minimum_amount": 221}, 0),
            ({"minimum_qty": 4}, 0),
            ({"product_ids": [Command.set(self.milk.ids)]}, 200),
            ({"mode": "with_code", "code": "TYPED"}, 0),
        ]
        for values, points in cases:
            with self.subTest(values), self.env.cr.savepoint() as savepoint:
                rule.write(values)
                self._sell((self.milk, 2), (self.bread, 1), customer=self.nadia)
                self.assertEqual(self._account(self.nadia).points_balance, points)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_code_lowers_what_is_paid_and_a_reward_of_points_does_not(self):
        account = self._member(points=300)
        code = account._redeem_reward(self.reward)["code"]
        card = self.env["loyalty.card"].search([("code", "=", code)])
        coupon = self._discount(card, card.program_id.reward_ids, cost=1)
        order = self._sell((self.milk, 1), coupon, customer=self.nadia)
        told = {"points": -1, "program_id": card.program_id.id, "line_codes": ["X"]}
        order.confirm_coupon_programs({str(card.id): told})
        self.assertEqual(card.points, 0)
        self.assertEqual(self._rows(account)[-1], ("earn", 135))
        line = self._discount(account.card_id)
        self._sell((self.milk, 1), line, customer=self.nadia)
        self.assertEqual(self._rows(account)[-1], ("earn", 150))
        self._assert_sound()

    def test_other_tills_and_companies_do_not_earn(self):
        self.program.pos_config_ids = self.other_currency_config
        self._sell((self.milk, 1), customer=self.nadia)
        self.assertFalse(self.program.account_ids)
        self.program.pos_ok = False
        self._sell((self.milk, 1), customer=self.nadia)
        self.assertFalse(self.program.account_ids)

    def test_a_program_that_is_switched_off(self):
        account = self._member(points=500)
        self.program.is_active = False
        self._sell((self.milk, 1), customer=self.nadia)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            line = self._discount(account.card_id)
            self._sell((self.milk, 1), line, customer=self.nadia)
        self.assertEqual(account.points_balance, 500)

    def test_programs_without_accounts_are_as_before(self):
        self.program.action_archive()
        program = self.env["loyalty.program"].create(
            {"name": "Old", "program_type": "loyalty", "applies_on": "both"}
        )
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.nadia.id, "points": 5}
        )
        order = self._sell((self.milk, 1), customer=self.nadia)
        self.assertEqual(card.points, 5)
        told = {"points": 12, "program_id": program.id, "coupon_id": card.id}
        found = order.confirm_coupon_programs({str(card.id): told})
        self.assertEqual(card.points, 17)
        self.assertEqual(found["coupon_updates"][0]["points"], 17)
        self.assertEqual(card.history_ids.issued, 12)
