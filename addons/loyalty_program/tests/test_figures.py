from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


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
