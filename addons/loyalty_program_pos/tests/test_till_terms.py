from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .till_common import TillCommon


@tagged("post_install", "-at_install")
class TestTillTerms(TillCommon):
    """The till, the office and the ledger count alike, today and later."""

    def _in_office(self, amount):
        order = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.contact.id,
                    "company_id": self.env.company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.bread.id,
                                "price_unit": amount,
                                "tax_ids": False,
                            }
                        )
                    ],
                }
            )
        )
        order.action_confirm()
        return order

    def test_parts_of_points_are_rounded_as_a_confirmation_does(self):
        account, office = self._member(), self._member(self.contact)
        for rate in (0.095, 0.0952, 0.0953, 1):
            with self.subTest(rate), self.env.cr.savepoint() as savepoint:
                # 10.50 at 0.095 is 0.9975: no whole point yet.
                self.program.points_per_currency = rate
                self._in_office(10.5)
                self._sell((self.bread, 1), customer=self.nadia)
                self.assertEqual(account.points_balance, office.points_balance)
                self.assertEqual(account.points_balance, int(10.5 * rate))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_tier_multiplies_before_points_become_whole(self):
        account, office = self._member(points=200), self._member(self.contact, 200)
        self.program.points_per_currency = 0.9
        self._in_office(10.5)
        self._sell((self.bread, 1), customer=self.nadia)
        # 9.45 times 1.5, not 9 times 1.5.
        self.assertEqual(account.points_balance, 214)
        self.assertEqual(office.points_balance, 214)

    def test_what_the_till_credits_expires_when_the_program_says(self):
        account = self._member()
        now = fields.Datetime.now()
        with freeze_time(now):
            self._sell((self.bread, 1), customer=self.nadia)
        self.assertEqual(account.points_balance, 10)
        self.assertEqual(account.lot_ids.expires_at, self.program._expiry(now))
        self.program.points_expiry_months = 0
        self._sell((self.bread, 1), customer=self.nadia)
        self.assertFalse(account.lot_ids.sorted("id")[1].expires_at)

    def test_what_is_due_expires_before_it_is_spent(self):
        account = self._member()
        with freeze_time(fields.Datetime.now() - timedelta(days=700)):
            account.earn_points(150, "test")
        self.assertEqual(account.card_id.points, 150)
        line = self._discount(account.card_id)
        refused = self.assertRaisesRegex(ValidationError, "0.* are there")
        with refused, self.env.cr.savepoint():
            self._sell((self.milk, 1), line, customer=self.nadia)
        asked = self.env["pos.order"].with_user(self.cashier)
        told = asked.validate_coupon_programs({str(account.card_id.id): -100}, [])
        self.assertFalse(told["successful"])
        self.assertEqual(told["payload"]["updated_points"], {account.card_id.id: 0})
        account.earn_points(120, "test")
        line = self._discount(account.card_id)
        self._sell((self.milk, 1), line, customer=self.nadia)
        self.assertEqual((account.points_expired, account.points_redeemed), (150, 100))
        # 20 are left, and a silver member earns 150.
        self.assertEqual(account.points_balance, 170)
        self._assert_sound()

    def test_a_refund_goes_by_the_rules_of_the_day(self):
        rule = self.program.rule_ids
        rule.product_ids = self.milk
        account = self._member()
        order = self._sell((self.milk, 2), (self.bread, 2), customer=self.nadia)
        rule.write({"product_ids": self.bread, "reward_point_amount": 9})
        for _again in range(2):
            self._confirm(order, account.card_id.id, 5)
        self.assertEqual(account.points_balance, 200)
        milk, bread = order.lines
        self._refund(order, (bread, 2))
        self.assertEqual(account.points_balance, 200)
        self._refund(order, (milk, 1))
        self.assertEqual(account.points_balance, 100)
        rule.unlink()
        self._refund(order, (milk, 1))
        self.assertEqual(account.points_balance, 0)
        self._assert_sound()

    def test_what_earned_nothing_earns_nothing_by_later_rules(self):
        self.program.rule_ids.minimum_amount = 500
        account = self._member()
        order = self._sell((self.milk, 2), customer=self.nadia)
        self.program.rule_ids.minimum_amount = 0
        self._program_of_later()
        self._confirm(order, account.card_id.id, 200)
        self.assertFalse(self._rows(account))
        numbers = self.env["customer.loyalty"].search([]).program_id
        self.assertEqual(numbers, self.program)

    def _program_of_later(self):
        return self.program.copy({"is_active": True, "name": "Later"})

    def test_what_a_percentage_is_worth_goes_by_the_tills_orders_too(self):
        self.env["loyalty.reward"].create(
            {"program_id": self.program.id, "discount": 50, "required_points": 100}
        )
        before = self.program._point_value()
        for _each in range(3):
            self._sell((self.milk, 30), customer=self.nadia)
        numbers = [
            row
            for query in self.program._average_queries(
                fields.Datetime.now() - timedelta(days=1),
                fields.Datetime.now() + timedelta(days=1),
            )
            for row in self.env.execute_query(query)
        ]
        self.assertEqual([row[2:] for row in numbers if not row[1]][-1], (3, 9000))
        self.assertGreater(self.program._point_value(), before)

    # ---------------------------------------------------------------------- the till
    def _told(self, user=None):
        self.env.invalidate_all()
        cards = self.env["loyalty.card"].with_user(user or self.cashier)
        return cards.get_till_accounts(self.nadia.id)

    def test_the_till_hears_where_a_customer_stands_now(self):
        account = self._member(points=150)
        (told,) = self._told()
        card = account.card_id.id
        now = {"id": card, "points": 150, "points_multiplier": 1, "tier_rank": 0}
        self.assertEqual(told, now)
        account.earn_points(60, "test")
        (told,) = self._told()
        self.assertEqual((told["points_multiplier"], told["tier_rank"]), (1.5, 1))
        with freeze_time(fields.Datetime.now() - timedelta(days=700)):
            account.earn_points(40, "test")
        self.assertEqual(self._told()[0]["points"], 210)
        self.assertEqual(account.points_balance, 250)

    def test_only_who_sees_cards_may_ask(self):
        self._member(points=150)
        portal = new_test_user(self.env, "till_portal", "base.group_portal")
        office = new_test_user(self.env, "till_office", "base.group_user")
        for user in (portal, office):
            with self.assertRaises(AccessError):
                self._told(user)
        with self.assertRaisesRegex(ValidationError, "partner_id"):
            self.env["loyalty.card"].get_till_accounts("Nadia")
        self.assertEqual(self.env["loyalty.card"].get_till_accounts(self.firm.id), [])
