from datetime import timedelta

from odoo import Command, fields
from odoo.tests import freeze_time, tagged

from .common import NOW, RULES
from .refund_common import RefundCommon

FIVE = [{"type": "purchase", "points_per_unit": 5, "unit": "currency"}]
DOUBLE = [{"type": "points_multiplier", "value": 2}]
TIERS = [
    {"name": "First", "code": "bronze", "min_points": 0, "benefits": DOUBLE},
    {"name": "Second", "code": "silver", "min_points": 1000},
]


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestTerms(RefundCommon):
    """What was agreed on the day of an order holds, whatever becomes of the program."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._member()

    def _process(self, order):
        self.env.invalidate_all()
        return self.service.process_order(order.id)["points"]

    def _changes(self):
        """What a manager may do to a program: (name, function)."""
        program = self.program
        return (
            ("rule", lambda: program.write({"earning_rules": FIVE})),
            ("rate", lambda: program.write({"points_per_currency": 7})),
            ("no rule", program.rule_ids.unlink),
            ("archived rule", program.rule_ids.action_archive),
            ("minimum", lambda: program.rule_ids.write({"minimum_amount": 5000})),
            ("products", lambda: program.rule_ids.write(self._other_product())),
            ("tiers", lambda: program.write({"tiers": TIERS})),
            ("end", lambda: program.write({"date_to": NOW - timedelta(days=1)})),
            ("archived", lambda: program.write({"active": False})),
        )

    def _other_product(self):
        other = self.product.copy()
        return {"product_ids": [Command.set(other.ids)]}

    # --------------------------------------------------------------------------- hold
    def test_orders_keep_their_terms_whatever_changes(self):
        for name, change in self._changes():
            with self.subTest(name), self.env.cr.savepoint() as point:
                order = self._buy(self.account, 100)
                change()
                self.assertEqual(self._process(order), 100)
                line = order.order_line[0]
                line.price_unit = 40
                self.assertEqual(order._loyalty_points(), 40)
                self.program.write({"active": True, "date_to": False})
                line.price_unit = 150
                self.assertEqual(order._loyalty_points(), 150)
                self._refund(self._invoice(order), 50)
                self.assertEqual(order._loyalty_points(), 100)
                self.assertEqual(self._process(order), 100)
                order._action_cancel()
                self.assertEqual(order._loyalty_points(), 0)
                self._assert_sound(self.account)
                self.env.flush_all()
                point.rollback()
                self.env.invalidate_all()
                self.env.registry.clear_cache()

    def test_confirmed_again_it_has_the_terms_of_that_day(self):
        order = self._buy(self.account, 100)
        self.program.earning_rules = FIVE
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(self.account.points_balance, 500)

    def test_confirmed_again_it_forgets_what_it_was_changed_to(self):
        order = self._buy(self.account, 100)
        order.order_line[0].price_unit = 40
        order._action_cancel()
        order.action_draft()
        order.order_line[0].price_unit = 100
        order.action_confirm()
        self.assertEqual(self.account.points_balance, 100)
        self._refund(self._invoice(order), 50)
        self.assertEqual(self.account.points_balance, 50)

    def _abroad(self, amount):
        """A confirmed order in a currency of which one is worth two here; its rate."""
        other = self.env["res.currency"].create(
            {"name": "TRM", "symbol": "T", "rounding": 0.01}
        )
        rates = self.env["res.currency.rate"]
        rate = rates.create(
            {"currency_id": other.id, "name": "2020-01-01", "rate": 0.5}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "T", "currency_id": other.id}
        )
        order = self._create_order(
            self.account.customer_id, None, amount, pricelist_id=pricelist.id
        )
        order.action_confirm()
        return order, rate

    def test_the_rate_of_the_day_holds(self):
        order, rate = self._abroad(100)
        self.assertEqual(order._loyalty_points(), 200)
        rate.rate = 4
        order.order_line[0].price_unit = 110
        self.assertEqual(order._loyalty_points(), 220)

    def test_the_minimum_is_that_of_the_day_in_the_currency_of_the_order(self):
        self.program.rule_ids.minimum_amount = 50
        order, rate = self._abroad(30)
        self.assertEqual(order._loyalty_points(), 60)
        rate.rate = 4
        order.order_line[0].price_unit = 28
        self.assertEqual(order._loyalty_points(), 56)
        order.order_line[0].price_unit = 24
        self.assertEqual(order._loyalty_points(), 0)

    def test_what_earned_nothing_that_day_earns_nothing_by_later_rules(self):
        self.program.rule_ids.minimum_amount = 50
        small = self._buy(self.account, 10)
        self.program.rule_ids.minimum_amount = 0
        self.assertEqual(self._process(small), 0)
        small.order_line[0].price_unit = 20
        self.assertEqual(self.account.points_balance, 0)
        small.order_line[0].price_unit = 60
        self.assertEqual(self.account.points_balance, 60)
        self._assert_sound(self.account)

    def test_codes_that_were_entered_count_still(self):
        rules = self.program.rule_ids
        rules.create(
            {
                "program_id": self.program.id,
                "mode": "with_code",
                "code": "MILK9",
                "reward_point_mode": "order",
                "reward_point_amount": 30,
            }
        )
        order = self._create_order(self.account.customer_id, None, 100)
        order.code_enabled_rule_ids = rules.search([("code", "=", "MILK9")])
        order.action_confirm()
        self.assertEqual(order._loyalty_points(), 130)
        self.program.rule_ids.filtered("code").unlink()
        order.order_line[0].price_unit = 110
        self.assertEqual(order._loyalty_points(), 140)

    # -------------------------------------------------------------------- other orders
    def test_a_program_that_came_later_leaves_orders_alone(self):
        order = self._buy(self.account, 100)
        later = self._program()
        self._member(program=later)
        order.order_line[0].price_unit = 120
        self.assertEqual(order._loyalty_points(), 120)
        self.assertFalse(self.transactions.search([("program_id", "=", later.id)]))

    def test_past_orders_stay_as_they_were_credited(self):
        self.program.is_active = False
        order = self._create_order(self.account.customer_id, None, 100)
        order.action_confirm()
        order.write({"loyalty_turn": 0, "date_order": NOW - timedelta(days=40)})
        self.program.is_active = True
        backfill = self.env["loyalty.backfill"].create({"program_id": self.program.id})
        backfill.sudo()._run(fields.Datetime.now())
        self.assertEqual(order._loyalty_points(), 100)
        self.program.write({"tiers": TIERS, "earning_rules": FIVE})
        for _time in range(3):
            self.assertEqual(self._process(order), 100)
        order.order_line[0].price_unit = 300
        self.assertEqual(self._process(order), 100)
        self._assert_sound(self.account)

    def test_who_joined_later_gets_what_was_agreed_when_asked_for(self):
        self.program.is_open = False
        stranger = self._create_customer()
        order = self._create_order(stranger, None, 100)
        order.action_confirm()
        self.program.earning_rules = FIVE
        self.assertEqual(self._process(order), 0)
        account = self.accounts.sudo()._enroll(self.program, stranger, NOW)
        self.assertEqual(self._process(order), 100)
        self.assertEqual(self._process(order), 100)
        self.assertEqual(account.points_balance, 100)

    # ------------------------------------------------------------------------- forged
    def test_nobody_tells_the_rate_from_outside(self):
        order = self._create_order(self.account.customer_id, None, 100)
        order.with_context(loyalty_rate=1000).action_confirm()
        self.assertEqual(self.account.points_balance, 100)

    def test_an_order_says_by_what_it_was_counted(self):
        order = self._buy(self.account, 100)
        terms = order.loyalty_basis[str(self.program.id)]
        self.assertEqual((terms["multiplier"], terms["rate"]), (1, 1))
        self.assertEqual(len(terms["rules"]), len(RULES))
        self.assertEqual(terms["rules"][0]["reward_point_amount"], 1)
