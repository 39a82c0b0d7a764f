from datetime import timedelta

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import NOW, LoyaltyCommon
from .test_tiers import TIERS


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestFigures(LoyaltyCommon):
    """What the program says of itself is what the rows of the ledger add up to."""

    def _merge(self, target, source):
        self.accounts._merge_into(source.customer_id, target.customer_id)
        self.env.invalidate_all()

    def _rows(self):
        self.env.flush_all()
        return self.transactions.search([("program_id", "=", self.program.id)])

    def _sums(self):
        """Issued, redeemed, expired and outstanding, row by row in plain Python."""
        total = {"earn": 0, "redeem": 0, "expire": 0, "adjust": 0, "transfer": 0}
        for row in self._rows():
            total[row.transaction_type] += row.points
        return {
            "issued": total["earn"],
            "redeemed": -total["redeem"],
            "expired": -total["expire"],
            "outstanding": sum(total.values()),
        }

    def _refund(self, order, amount):
        """A credit note over a part of an order that is invoiced."""
        self.product.invoice_policy = "order"
        invoice = order._create_invoices()
        invoice.action_post()
        credit = invoice._reverse_moves([{"invoice_date": NOW.date()}])
        credit.invoice_line_ids.price_unit = amount
        credit.action_post()

    # ------------------------------------------------------------------------ totals
    def _eventful(self):
        """Members who earned, redeemed, lost and merged; the first two become one."""
        one, two, three = self._member(), self._member(), self._member()
        with freeze_time(NOW - timedelta(days=400)):
            two.earn_points(70, "test")
        with freeze_time(NOW - timedelta(days=40)):
            for account, points in ((one, 300), (two, 500), (three, 200)):
                account.earn_points(points, "test")
        self.env["loyalty.expiry"]._expire_all(NOW)
        two.redeem_points(120, "product", 12)
        code = two._redeem_reward(self.program.reward_ids)
        self._refund(self._buy(two, 80), 30)
        self._merge(one, two)
        self._merge(three, one)
        three.redeem_points(60, "product", 6)
        card = self.env["loyalty.card"].search([("code", "=", code["code"])])
        card._return_points(NOW)
        self.env.invalidate_all()
        return one, two, three

    def test_totals_count_what_merged_accounts_keep_once(self):
        accounts = self._eventful()
        found = self.service.get_program_metrics(self.program.code)
        wanted = self._sums()
        self.assertEqual(wanted["issued"], 70 + 300 + 500 + 200 + 50)
        self.assertEqual((wanted["redeemed"], wanted["expired"]), (180, 70))
        self.assertEqual({name: found[name] for name in wanted}, wanted)
        self.assertEqual((found["members"], found["active"]), (1, 1))
        self._assert_sound(*accounts)

    def test_the_months_agree_with_the_totals(self):
        self._eventful()
        data = self.service.get_dashboard(self.program.id)
        # What is older than a year is in the totals alone.
        older = sum(
            row.points
            for row in self._rows()
            if str(row.created_at) < data["months"][0]["month"]
        )
        self.assertEqual(older, 70)
        for name, before in (("issued", 70), ("redeemed", 0), ("expired", 0)):
            with self.subTest(name):
                months = sum(month[name] for month in data["months"])
                self.assertEqual(months + before, data["metrics"][name])

    def test_who_moved_points_before_a_merge_is_active(self):
        one, two = self._member(), self._member()
        with freeze_time(NOW - timedelta(days=5)):
            two.earn_points(10, "test")
            two.redeem_points(10, "product", 1)
        self._merge(one, two)
        found = self.service.get_program_metrics(self.program.code)
        self.assertEqual((found["members"], found["active"]), (1, 1))


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestProgress(LoyaltyCommon):
    """The way to the next tier is that of the points which count for tiers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.tiers = TIERS
        cls.evaluation = cls.env["loyalty.tier.evaluation"]

    def _way(self, account):
        """(tier, points to the next, percent)."""
        self.env.invalidate_all()
        found = self.service.get_balance(account.customer_id.id)
        self.assertEqual(account.tier_progress, found["progress"])
        return found["tier"], found["next_tier_points"], found["progress"]

    def _by_window(self, basis, grace=30):
        self.program.write({"tier_basis": basis, "tier_grace_days": grace})

    def test_points_outside_the_window_are_no_progress(self):
        for basis in ("rolling", "calendar"):
            with self.subTest(basis), self.env.cr.savepoint():
                self._by_window(basis)
                account = self._member()
                with freeze_time(NOW - timedelta(days=400)):
                    account.earn_points(250, "test")
                self.evaluation._evaluate(
                    SQL("a.id = %s", account.id), NOW + timedelta(days=31)
                )
                self.evaluation._evaluate(
                    SQL("a.id = %s", account.id), NOW + timedelta(days=62)
                )
                account.earn_points(40, "test")
                self.assertEqual(self._way(account), ("bronze", 60, 40))
                account.earn_points(110, "test")
                self.assertEqual(self._way(account), ("silver", 150, 25))

    def test_what_is_taken_back_is_missing_at_once(self):
        for basis in ("lifetime", "rolling", "calendar"):
            with self.subTest(basis):
                self._by_window(basis, grace=0)
                account = self._member()
                account.earn_points(50, "test")
                order = self._buy(account, 100)
                self.assertEqual(self._way(account), ("silver", 150, 25))
                order._action_cancel()
                self.assertEqual(self._way(account), ("bronze", 50, 50))
                small = self._buy(account, 30)
                self.assertEqual(self._way(account), ("bronze", 20, 80))
                small._action_cancel()
                self.assertEqual(self._way(account), ("bronze", 50, 50))
                self._assert_sound(account)

    def test_who_keeps_a_tier_for_a_while_is_on_the_way_to_the_next(self):
        self._by_window("rolling")
        account = self._member()
        account.earn_points(50, "test")
        order = self._buy(account, 100)
        order._action_cancel()
        self.assertEqual(self._way(account), ("silver", 250, 0))
        self.assertEqual(account.tier_grace_until, NOW + timedelta(days=30))
        account.earn_points(10, "test")
        self.assertEqual(self._way(account), ("silver", 240, 0))
        over = NOW + timedelta(days=30)
        self.evaluation._evaluate(SQL("a.id = %s", account.id), over)
        self.assertEqual(self._way(account), ("bronze", 40, 60))

    def test_what_was_earned_before_the_window_is_not_missed_in_it(self):
        self._by_window("calendar", grace=0)
        account = self._member()
        with freeze_time("2039-12-20 12:00:00"):
            order = self._buy(account, 80)
        account.earn_points(60, "test")
        self.assertEqual(self._way(account), ("bronze", 40, 60))
        order._action_cancel()
        self.assertEqual(self._way(account), ("bronze", 40, 60))
        self._assert_sound(account)

    def test_a_merge_brings_the_points_of_the_window(self):
        self._by_window("rolling", grace=0)
        one, two = self._member(), self._member()
        one.earn_points(40, "test")
        two.earn_points(20, "test")
        order = self._buy(two, 90)
        self.accounts._merge_into(two.customer_id, one.customer_id)
        self.assertEqual(self._way(one), ("silver", 150, 25))
        order._action_cancel()
        self.assertEqual(self._way(one), ("bronze", 40, 60))

    def test_at_the_top_nothing_is_missing(self):
        for basis in ("lifetime", "rolling"):
            self._by_window(basis)
            account = self._member()
            account.earn_points(300, "test")
            self.assertEqual(self._way(account), ("gold", 0, 100))


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestSpend(LoyaltyCommon):
    """What members spent, in the currency of the program."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taler = cls._currency("TSR", 4)
        cls.crown = cls._currency("TSC", 10)

    @classmethod
    def _currency(cls, name, *rates):
        """A currency with a rate of each month from 2040-05 on."""
        currency = cls.env["res.currency"].create({"name": name, "symbol": name})
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "name": f"2040-0{5 + n}-01", "rate": rate}
                for n, rate in enumerate(rates)
            ]
        )
        return currency

    def _pay(self, account, amount, currency=None, **values):
        if currency:
            values["pricelist_id"] = (
                self.env["product.pricelist"]
                .create({"name": currency.name, "currency_id": currency.id})
                .id
            )
        return self._order(account.customer_id, NOW, amount, **values)

    def test_orders_count_in_the_currency_of_the_program(self):
        account = self._member()
        self._pay(account, 100)
        self._pay(account, 100, self.taler)
        self.assertEqual((account.total_orders, account.total_spend), (2, 125))
        other = self._program(currency_id=self.taler.id)
        account = self.accounts.sudo()._enroll(other, account.customer_id, NOW)
        self.assertEqual((account.total_orders, account.total_spend), (2, 500))
        self._pay(account, 100, self.crown)
        account.invalidate_recordset()
        self.assertAlmostEqual(account.total_spend, 540)

    def test_own_orders_stay_what_they_are_when_rates_change(self):
        account = self._member()
        self.program.currency_id = self.taler
        self._pay(account, 100, self.taler)
        with freeze_time(NOW - timedelta(days=40)):
            order = self._order(account.customer_id, NOW - timedelta(days=40), 100)
        self.assertEqual(order.currency_rate, 1)
        self.taler.rate_ids.create(
            {"currency_id": self.taler.id, "name": "2040-06-10", "rate": 5}
        )
        account.invalidate_recordset()
        self.assertEqual(account.total_spend, 100 + 500)

    def test_many_members_take_no_more_statements(self):
        self.program.currency_id = self.taler
        members = self.accounts.union(*(self._member() for _each in range(5)))
        for account in members:
            self._pay(account, 100)
        self.env.invalidate_all()
        members[0].read(["total_spend"])
        counts = []
        for some in (members[:1], members):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(some.mapped("total_spend")), {400})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
