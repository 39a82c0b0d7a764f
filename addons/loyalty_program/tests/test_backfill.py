from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tests.common import new_test_user

from .backfill_common import PAST, BackfillCommon
from .common import NOW
from .flaws import FLAWS


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestBackfill(BackfillCommon):
    """Orders from before the accounts earn what they would have earned."""

    def test_each_order_earns_by_the_tier_of_its_day(self):
        orders = [self._past(80, 0), self._past(30, 1), self._past(10, 2)]
        backfill = self._run()
        account = self._account()
        self.assertEqual(
            self._rows_of(account), [("earn", 80), ("earn", 30), ("earn", 15)]
        )
        self.assertEqual(account.current_tier, "silver")
        self.assertEqual((account.points_balance, account.card_id.points), (125, 125))
        self.assertEqual(account.transaction_ids.mapped("created_at"), [NOW] * 3)
        lots = account.lot_ids.sorted("id")
        self.assertEqual(lots.mapped("issued_at"), [o.date_order for o in orders])
        self.assertEqual(lots[0].expires_at, datetime(2041, 1, 1, 9))
        self.assertEqual(
            (backfill.state, backfill.order_count, backfill.points, backfill.progress),
            ("done", 3, 125, 100),
        )
        self._assert_sound(account)

    def test_it_is_what_the_orders_would_have_earned_live(self):
        amounts = [33.4, 80.99, 12, 250.5, 0.3, 99.99]
        for day, amount in enumerate(amounts):
            self._past(amount, day)
        self._run()
        twin = self._member()
        for amount in amounts:
            self._buy(twin, amount)
        self.assertEqual(
            [points for _kind, points in self._rows_of(self._account())],
            [points for _kind, points in self._rows_of(twin) if points],
        )

    def test_again_it_credits_nothing(self):
        self._past(80)
        self._run()
        again = self._backfill()
        self.assertEqual((again.order_total, again.customer_total), (0, 0))
        with self.assertRaisesRegex(ValidationError, "no orders"):
            again.action_start()
        # Even if they were forgotten in between.
        self.assertEqual(again._credit(self.customer.ids, NOW), (0, 0, 0))
        self.assertEqual(self._account().points_balance, 80)

    def test_nobody_is_told(self):
        self._past(500)
        mails = self.env["mail.mail"].search_count([])
        self._run()
        self.assertEqual(self._account().current_tier, "silver")
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        events = self.events.search(
            [("customer_id", "=", self.customer.id), ("is_pending", "=", True)]
        )
        self.assertFalse(
            events.filtered(lambda e: e.event_type in ("points_earned", "tier_changed"))
        )
        self.assertIn("tier_changed", self._types(self.customer))
        self.assertTrue(self.policy.recount_pending)

    def test_points_that_would_have_expired_do(self):
        self.program.points_expiry_months = 2
        self._past(80)
        self._past(70, 120)
        backfill = self._run()
        account = self._account()
        self.assertEqual(account.points_balance, 70)
        self.assertEqual((account.points_lifetime, account.points_expired), (150, 80))
        self.assertEqual((backfill.points, backfill.points_expired), (150, 80))
        self._assert_sound(account)

    def test_a_refunded_order_earns_what_was_kept(self):
        order = self._past(100)
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        self._refund(invoice, 30)
        self._past(10, 1)
        backfill = self._run()
        account = self._account()
        self.assertEqual(account.points_balance, 80)
        self.assertEqual(account.points_lifetime, 80)
        self.assertEqual(backfill.points, 80)
        self._assert_sound(account)
        # Another refund goes on from there.
        self._refund(invoice, 20)
        self.assertEqual(account.points_balance, 60)
        self._assert_sound(account)

    def test_what_was_refunded_is_measured_by_the_goods(self):
        if "is_delivery" not in self.env["sale.order.line"]._fields:
            self.skipTest("nothing is delivered")
        order = self._past(100)
        self._add_delivery(order, 50)
        refund = self._invoice(order)._reverse_moves([{}])
        refund.invoice_line_ids.price_unit = 50
        refund.action_post()
        self._run()
        self.assertEqual(self._account().points_balance, 50)
        order._loyalty_settle_refunds()
        self.assertEqual(self._account().points_balance, 50)

    def test_the_job_goes_on_with_the_next_run(self):
        other = self._program()
        other.is_active = False
        self._past(80)
        for program in (self.program, other):
            program.is_active = True
            self.env["loyalty.backfill"].create(
                {"program_id": program.id}
            ).action_start()
        with self.enter_registry_test_mode():
            self.env.ref("loyalty_program.ir_cron_backfill").method_direct_trigger()
        states = self.env["loyalty.backfill"].search([]).mapped("state")
        self.assertEqual(states, ["done", "done"])

    def test_a_past_order_that_is_cancelled_gives_its_points_back(self):
        order = self._past(80)
        self._run()
        account = self._account()
        order._action_cancel()
        self.assertEqual(account.points_balance, 0)
        order.action_draft()
        order.action_confirm()
        self.assertEqual(account.points_balance, 80)
        self._assert_sound(account)

    def test_what_was_spent_meanwhile_is_owed(self):
        order = self._past(50)
        self._run()
        account = self._account()
        account.redeem_points(50, "discount", 5)
        order._action_cancel()
        self.assertEqual((account.points_balance, account.points_debt), (-50, 50))
        self._assert_sound(account)

    # ------------------------------------------------------------------------ debts
    def _owing(self, points):
        """An account that owes points."""
        self.program.is_active = True
        account = self.accounts.sudo()._enroll(self.program, self.customer, NOW)
        order = self._buy(account, points)
        account.redeem_points(points, "discount", 1)
        order._action_cancel()
        self.assertEqual(
            (account.points_balance, account.points_debt), (-points, points)
        )
        return account

    def _assert_flawless(self, account):
        self._assert_sound(account)
        self.env.flush_all()
        for name, query in FLAWS.items():
            self.env.cr.execute(query)
            self.assertFalse(self.env.cr.fetchall(), name)

    def test_past_orders_pay_what_is_owed_first(self):
        orders = [self._past(80, 0), self._past(30, 1)]
        account = self._owing(90)
        self._run()
        self.assertEqual((account.points_balance, account.points_debt), (20, 0))
        self.assertEqual(account.points_lifetime, 110)
        self.assertEqual(account.current_tier, "silver")
        lots = self._lots_of(account, orders)
        self.assertEqual(lots, [(80, 0), (30, 20)])
        self._assert_flawless(account)

    def _lots_of(self, account, orders):
        numbers = [order.id for order in orders]
        rows = account.transaction_ids.filtered(
            lambda row: row.source_id in numbers and row.points > 0
        )
        lots = self.env["loyalty.point.lot"]
        found = lots.search([("transaction_id", "in", rows.ids)], order="issued_at")
        return found.mapped(lambda lot: (lot.points, lot.remaining))

    def test_more_is_owed_than_past_orders_earned(self):
        orders = [self._past(80, 0)]
        account = self._owing(200)
        self._run()
        self.assertEqual((account.points_balance, account.points_debt), (-120, 120))
        self.assertEqual(self._lots_of(account, orders), [(80, 0)])
        account.earn_points(150, "test")
        self.assertEqual((account.points_balance, account.points_debt), (30, 0))
        self._assert_flawless(account)

    def test_only_what_is_left_of_expired_points_expires(self):
        self.program.tiers = [{"name": "One", "code": "bronze", "min_points": 0}]
        orders = [self._past(80, -800), self._past(30, -790), self._past(7, 1)]
        account = self._owing(90)
        self._run()
        self.assertEqual(account.points_expired, 20)
        self.assertEqual((account.points_balance, account.points_debt), (7, 0))
        self.assertEqual(self._lots_of(account, orders), [(80, 0), (30, 0), (7, 7)])
        self.assertEqual(account.points_lifetime, 117)
        self._assert_flawless(account)

    def test_a_refund_of_what_paid_the_debt_is_paid_by_the_rest(self):
        first, second = self._past(80, 0), self._past(100, 1)
        self._refund(self._invoice(first))
        account = self._owing(50)
        self._run()
        self.assertEqual((account.points_balance, account.points_debt), (50, 0))
        self.assertEqual(account.points_lifetime, 100)
        self.assertEqual(self._lots_of(account, [first, second]), [(80, 0), (100, 50)])
        self._assert_flawless(account)

    def test_since_a_day_and_for_members_only(self):
        member = self._create_customer()
        self._past(20, 0, member)
        self._past(30, 40, member)
        self._past(50, 40)
        self.program.is_active = True
        self.accounts._enroll(self.program, member, NOW)
        backfill = self._run(since=PAST + timedelta(days=30), opens_accounts=False)
        self.assertEqual((backfill.order_total, backfill.customer_total), (1, 1))
        self.assertEqual(self._account(member).points_balance, 30)
        self.assertFalse(self._account())

    def test_orders_that_earned_on_their_card_are_left_out(self):
        old = self._program(is_active=False)
        with freeze_time(PAST):
            order = self._create_order(self.customer, PAST, 40)
            order._update_programs_and_rewards()
            order.action_confirm()
        card = old.coupon_ids.filtered(lambda c: c.partner_id == self.customer)
        self.assertEqual(card.points, 40)
        old.is_active = True
        backfill = self.env["loyalty.backfill"].create({"program_id": old.id})
        self.assertEqual(backfill.order_total, 0)
        with self.assertRaisesRegex(ValidationError, "no orders"):
            backfill.action_start()

    def test_it_goes_on_where_it_was(self):
        others = [self._create_customer() for _each in range(3)]
        for other in others:
            self._past(10, 0, other)
        backfill = self._backfill()
        backfill.action_start()
        self.assertEqual(backfill._work(NOW, limit=1), 1)
        self.assertEqual((backfill.customer_count, backfill.order_count), (1, 1))
        backfill.action_stop()
        self.assertFalse(self.env["loyalty.backfill"]._next())
        backfill.action_start()
        self.env["loyalty.backfill"]._next()._run(NOW)
        self.assertEqual((backfill.state, backfill.order_count), ("done", 3))
        for other in others:
            self.assertEqual(self._account(other).points_balance, 10)

    def test_one_at_a_time_and_never_deleted(self):
        self._past(10)
        backfill = self._backfill()
        backfill.action_start()
        with self.assertRaisesRegex(ValidationError, "started already"):
            backfill.action_start()
        with self.assertRaisesRegex(ValidationError, "not deleted"):
            backfill.unlink()

    def test_only_managers_start_it(self):
        self._past(10)
        backfill = self._backfill()
        marketer = new_test_user(
            self.env, "backfill_marketer", "customer_lifecycle.group_lifecycle_user"
        )
        with self.assertRaises(AccessError):
            backfill.with_user(marketer).action_start()
        with self.assertRaises(AccessError):
            self.service.with_user(marketer).start_backfill()
        self.assertEqual(
            self.service.with_user(marketer).get_backfill(backfill.id)["orders"], 1
        )

    def test_the_service_starts_and_reports(self):
        self._past(10)
        self.program.is_active = True
        for since in ("soon", 7, "2040-13-01"):
            with self.assertRaisesRegex(ValidationError, "since"):
                self.service.start_backfill(self.program.code, since=since)
        found = self.service.start_backfill(self.program.code, since="2039-12-31")
        self.assertEqual((found["state"], found["orders"]), ("running", 1))
        self.env["loyalty.backfill"]._next()._run(NOW)
        found = self.service.get_backfill(found["id"])
        self.assertEqual((found["state"], found["points"]), ("done", 10))
        with self.assertRaisesRegex(ValidationError, "backfill_id"):
            self.service.get_backfill(2**31 - 1)

    def test_many_take_as_few_statements(self):
        def counted(number):
            for _each in range(number):
                self._past(10, 0, self._create_customer())
            backfill = self._backfill()
            backfill.action_start()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(backfill._work(NOW), number)
            self.env.flush_all()
            used = self.env.cr.sql_log_count - before
            backfill._run(NOW)
            self.assertEqual(backfill.order_count, number)
            return used

        counted(2)
        few, many = counted(2), counted(30)
        self.assertLessEqual(many, few + 8)

    def test_every_rule_counts_as_at_a_confirmation(self):
        cheap = self.env["product.product"].create(
            {"name": "Bread", "type": "service", "list_price": 2, "taxes_id": False}
        )
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "rate": 0.5, "name": "2039-12-01"}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        self.program.rule_ids = [
            Command.create(values)
            for values in (
                {"reward_point_mode": "order", "minimum_amount": 50},
                {
                    "reward_point_mode": "unit",
                    "reward_point_amount": 2,
                    "product_ids": [Command.link(cheap.id)],
                    "minimum_qty": 3,
                },
                {
                    "reward_point_mode": "money",
                    "reward_point_amount": 0.1,
                    "minimum_amount": 20,
                    "minimum_amount_tax_mode": "excl",
                },
                {"reward_point_mode": "order", "mode": "with_code", "code": "later"},
            )
        ]
        discount = self._program(
            is_active=False,
            program_type="promotion",
            trigger="auto",
            earning_rules=[],
            redemption_rules=[],
            reward_ids=[Command.create({"discount": 10, "required_points": 1})],
            rule_ids=[Command.create({"reward_point_mode": "order"})],
        )
        tax = self.env["account.tax"].create({"name": "Tax", "amount": 15})
        orders = self.env["sale.order"]
        for day, (milk, bread, values) in enumerate(
            [
                (60, 2, {}),
                (19.99, 4, {}),
                (1, 3, {}),
                (45, 0, {"pricelist_id": pricelist.id}),
                (70, 5, {"discounted": True}),
                (16, 1, {"taxed": True}),
            ]
        ):
            orders += self._mixed(day, milk, cheap, bread, tax, discount, **values)
        self.program.is_active = True
        backfill = self.env["loyalty.backfill"].new({"program_id": self.program.id})
        found = {
            order: points
            for order, *_rest, points, _share in backfill._base_points(
                self.customer.ids
            )[self.customer.id]
        }
        live = {
            order.id: order._program_check_compute_points(self.program)
            and order._loyalty_tally()[self.program.id]
            for order in orders
        }
        self.assertEqual(found, live)
        self.assertGreater(len(set(found.values())), 4)

    def _mixed(self, day, milk, cheap, bread, tax, discount, **values):
        """An order of two products, taxed, discounted or in another currency."""
        taxed, discounted = values.pop("taxed", 0), values.pop("discounted", 0)
        self.program.is_active = False
        moment = PAST + timedelta(days=day)
        with freeze_time(moment):
            order = self._create_order(self.customer, moment, milk, **values)
            if bread:
                line = {"product_id": cheap.id, "product_uom_qty": bread}
                order.order_line = [Command.create(line)]
            if taxed:
                order.order_line.tax_ids = tax
            if discounted:
                order._update_programs_and_rewards()
                status = order._apply_program_reward(
                    discount.reward_ids, order.coupon_point_ids.coupon_id[:1]
                )
                self.assertFalse(status.get("error"))
            order.action_confirm()
            order.date_order = moment
        return order
