from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestLiability(LoyaltyCommon):
    """What points are worth, and which of them are owed."""

    def _reward(self, **values):
        """The only reward of a new program."""
        program = self._program()
        program.reward_ids.write(values)
        return program.reward_ids

    def _foreign(self, rate):
        """A currency that is worth a part of the company's."""
        currency = self.env["res.currency"].create({"name": "TSR", "symbol": "T"})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2030-01-01", "rate": rate}
        )
        return currency

    def _liability(self, date=None, program=None):
        self.env.flush_all()
        code = (program or self.program).code
        found = [row for row in self.service.liability(date) if row["program"] == code]
        return found[0] if found else None

    def _owed(self, date=None):
        found = self._liability(date)
        return found["points"], found["code_points"], found["liability"]

    # ------------------------------------------------------------------------- value
    def test_fixed_discounts_are_worth_what_they_take_off(self):
        reward = self._reward(discount=12, required_points=100)
        self.assertEqual(reward.program_id._point_value(), 0.12)
        reward.write({"discount_mode": "per_point", "discount": 0.2})
        self.assertEqual(reward.program_id._point_value(), 0.2)

    def test_a_percentage_is_worth_that_of_the_average_order(self):
        reward = self._reward(discount_mode="percent", discount=10, required_points=50)
        program = reward.program_id
        self.assertEqual(program._point_value(), 0)
        customer = self._create_customer()
        for days, amount in ((1, 100), (364, 300), (366, 5000)):
            self._order(customer, NOW - timedelta(days=days), amount)
        self._create_order(customer, None, 9000)
        self._order(customer, NOW, 7000, company=self._create_company())
        self.assertEqual(program._point_value(), 200 * 0.1 / 50)
        reward.discount_max_amount = 15
        self.assertEqual(program._point_value(), 15 / 50)

    def test_the_average_is_in_the_programs_currency(self):
        reward = self._reward(discount_mode="percent", discount=10, required_points=50)
        program = reward.program_id
        program.currency_id = self._foreign(4)
        customer = self._create_customer()
        self._order(customer, NOW - timedelta(days=1), 100)
        pricelist = self.env["product.pricelist"].create(
            {"name": "T", "currency_id": program.currency_id.id}
        )
        self._order(customer, NOW - timedelta(days=1), 200, pricelist_id=pricelist.id)
        self.assertAlmostEqual(program._point_value(), (400 + 200) / 2 * 0.1 / 50)

    def test_a_product_is_worth_its_price(self):
        product = self.env["product.product"].create(
            {"name": "Cheese", "list_price": 30}
        )
        reward = self._reward(
            reward_type="product",
            reward_product_id=product.id,
            reward_product_qty=2,
            required_points=400,
        )
        program = reward.program_id
        self.assertEqual(program._point_value(), 60 / 400)
        program.currency_id = self._foreign(4)
        self.assertEqual(program._point_value(), 240 / 400)
        tag = self.env["product.tag"].create({"name": "Gifts"})
        (self.product + product).product_tmpl_id.product_tag_ids = tag
        reward.write({"reward_product_id": False, "reward_product_tag_id": tag.id})
        self.assertEqual(program._point_value(), 240 / 400)

    def test_the_best_reward_counts_and_archived_ones_do_not(self):
        reward = self._reward(discount=10, required_points=100)
        program = reward.program_id
        best = reward.copy({"program_id": program.id, "discount": 50})
        self.assertEqual(program._point_value(), 0.5)
        best.action_archive()
        self.assertEqual(program._point_value(), 0.1)

    # ------------------------------------------------------------------------- codes
    def test_points_in_open_codes_are_owed(self):
        account = self._member(250)
        code = account._redeem_reward(self.program.reward_ids)["code"]
        self.assertEqual(self._owed(), (150, 100, 25))
        metrics = self.service.get_program_metrics(self.program.code)
        found = [metrics[n] for n in ("outstanding", "code_points", "liability")]
        self.assertEqual(found, [150, 100, 25])
        data = self.service.get_dashboard(self.program.id)
        self.assertEqual(data["metrics"]["liability"], 25)
        card = self.env["loyalty.card"].search([("code", "=", code)])
        card._return_points(NOW)
        self.assertEqual(self._owed(), (250, 0, 25))

    def test_a_code_is_open_until_the_day_it_is_used(self):
        with freeze_time(NOW - timedelta(days=20)):
            account = self._member()
            account.earn_points(250, "test")
        with freeze_time(NOW - timedelta(days=10)):
            code = account._redeem_reward(self.program.reward_ids)["code"]
        order = self._create_order(account.customer_id, None, 50)
        for coupon, rewards in order._try_apply_code(code).items():
            order._apply_program_reward(rewards, coupon)
        self.assertEqual(self._owed(), (150, 100, 25))
        self.program.rule_ids.reward_point_amount = 0.001
        order.action_confirm()
        history = self.env["loyalty.history"].search([("used", ">", 0)], limit=1)
        self.assertEqual(history.card_id.code, code)
        history.flush_recordset()
        self._date(history, NOW - timedelta(days=5))
        for days, owed in (
            (0, (150, 0, 15)),
            (5, (150, 0, 15)),
            (6, (150, 100, 25)),
            (10, (150, 100, 25)),
            (11, (250, 0, 25)),
            (21, (0, 0, 0)),
        ):
            with self.subTest(days):
                day = (NOW - timedelta(days=days)).date()
                self.assertEqual(self._owed(day.isoformat()), owed)
        order._action_cancel()
        self.assertEqual(self._owed(), (150, 100, 25))

    def _date(self, record, moment):
        self.env.cr.execute(
            f"UPDATE {record._table} SET create_date = %s WHERE id = %s",
            [moment, record.id],
        )
        self.env.invalidate_all()

    def test_a_code_was_open_until_the_day_it_was_given_back(self):
        with freeze_time(NOW - timedelta(days=10)):
            account = self._member()
            account.earn_points(100, "test")
            code = account._redeem_reward(self.program.reward_ids)["code"]
        card = self.env["loyalty.card"].search([("code", "=", code)])
        with freeze_time(NOW - timedelta(days=3)):
            card._return_points(NOW - timedelta(days=3))
        for days, owed in ((0, (100, 0, 10)), (3, (100, 0, 10)), (4, (0, 100, 10))):
            with self.subTest(days):
                day = (NOW - timedelta(days=days)).date()
                self.assertEqual(self._owed(day.isoformat()), owed)

    def test_codes_of_merged_members_stay_owed(self):
        one, two = self._member(), self._member(100)
        code = two._redeem_reward(self.program.reward_ids)["code"]
        self.accounts._merge_into(two.customer_id, one.customer_id)
        self.assertEqual(self._owed(), (0, 100, 10))
        card = self.env["loyalty.card"].search([("code", "=", code)])
        card._return_points(NOW)
        self.assertEqual(self._owed(), (100, 0, 10))

    # ---------------------------------------------------------------------- archived
    def test_an_archived_program_owes_what_it_owed(self):
        account = self._member(250)
        account._redeem_reward(self.program.reward_ids)
        empty = self._program()
        (self.program + empty).action_archive()
        self.assertEqual(self._owed(), (150, 100, 25))
        self.assertIsNone(self._liability(program=empty))
        metrics = self.service.get_program_metrics(self.program.code)
        self.assertEqual(metrics["liability"], 25)
        data = self.service.get_dashboard()
        self.assertEqual([row["id"] for row in data["programs"]], self.program.ids)
        self.assertEqual(data["metrics"]["liability"], 25)
        fresh = self._program()
        data = self.service.get_dashboard()
        programs = [row["id"] for row in data["programs"]]
        self.assertEqual(programs, [fresh.id, self.program.id])
