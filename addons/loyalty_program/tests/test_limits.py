from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import NOW, Command, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestLimits(LoyaltyCommon):
    """What trips a limit of earning is held, not lost; redeeming more is refused."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pending = cls.env["loyalty.pending"]

    def _held(self, account):
        self.env.flush_all()
        return self.pending.search(
            [("loyalty_id", "=", account.id), ("state", "=", "held")], order="id"
        )

    def _review(self, held, reason="Known customer"):
        return self.env["loyalty.review"].create(
            {"pending_ids": held.ids, "reason": reason}
        )

    # ------------------------------------------------------------------------- earn
    def test_what_exceeds_the_cap_of_the_day_is_held(self):
        self.program.daily_earning_cap = 150
        account = self._member()
        self._buy(account, 100)
        self._buy(account, 60)
        self.assertEqual(account.points_balance, 100)
        held = self._held(account)
        self.assertEqual(held.points, 60)
        self.assertIn("160", held.reason)
        self.assertIn("150", held.reason)
        self.assertEqual(account.points_held, 60)
        self._assert_sound(account)

    def test_what_other_systems_credit_is_held_as_well(self):
        self.program.daily_earning_cap = 150
        account = self._member()
        self.assertEqual(account.earn_points(100, "game"), 100)
        self.assertEqual(account.earn_points(60, "game"), 100)
        self.assertEqual(account.earn_points(50, "game"), 150)
        held = self._held(account)
        self.assertEqual((held.points, held.source_type), (60, "game"))
        self._review(held).action_approve()
        self.assertEqual(account.points_balance, 210)
        self._assert_sound(account)

    def test_exactly_the_cap_is_allowed(self):
        self.program.daily_earning_cap = 150
        account = self._member()
        self._buy(account, 100)
        self._buy(account, 50)
        self.assertEqual(account.points_balance, 150)

    def test_what_is_held_does_not_use_the_cap_up(self):
        self.program.daily_earning_cap = 150
        account = self._member()
        self._buy(account, 500)
        self._buy(account, 100)
        self.assertEqual(account.points_balance, 100)
        self.assertEqual(self._held(account).points, 500)

    def test_the_day_is_that_of_the_company(self):
        self.program.daily_earning_cap = 150
        self.shop.partner_id.tz = "Asia/Dhaka"
        account = self._member()
        # In Dhaka the next day begins at 18:00 UTC.
        with freeze_time(NOW.replace(hour=17, minute=59)):
            self._buy(account, 100)
        with freeze_time(NOW.replace(hour=18, minute=1)):
            self._buy(account, 100)
        self.assertEqual(account.points_balance, 200)
        with freeze_time(NOW.replace(hour=23, minute=1)):
            self._buy(account, 100)
        self.assertEqual(account.points_balance, 200)
        self.assertEqual(self._held(account).points, 100)

    def test_an_order_that_was_cancelled_counts_no_more(self):
        self.program.daily_earning_cap = 150
        account = self._member()
        order = self._buy(account, 100)
        order._action_cancel()
        self._buy(account, 120)
        self.assertEqual(account.points_balance, 120)

    def test_points_that_wait_count_and_are_not_counted_twice(self):
        self.program.write({"daily_earning_cap": 150, "pending_days": 1})
        account = self._member()
        self._buy(account, 100)
        self._buy(account, 60)
        self.assertEqual(account.points_pending, 100)
        self.assertEqual(self._held(account).points, 60)
        tomorrow = NOW + timedelta(days=1, minutes=1)
        with freeze_time(tomorrow):
            self.pending._release_due(tomorrow, 10)
            self.program.pending_days = 0
            self._buy(account, 150)
        # What was credited today was earned yesterday.
        self.assertEqual(account.points_balance, 250)

    def test_who_earns_too_often_is_held(self):
        self.program.write({"velocity_limit": 2, "velocity_hours": 3})
        account = self._member()
        for hour in range(3):
            with freeze_time(NOW + timedelta(hours=hour)):
                self._buy(account, 10)
        self.assertEqual(account.points_balance, 20)
        self.assertIn("3", self._held(account).reason)
        with freeze_time(NOW + timedelta(hours=8)):
            self._buy(account, 10)
        self.assertEqual(account.points_balance, 30)

    def test_limits_are_each_programs_own_and_each_customers(self):
        self.program.daily_earning_cap = 50
        one, other = self._member(), self._member()
        self._buy(one, 50)
        self._buy(other, 50)
        self.assertEqual((one + other).mapped("points_balance"), [50, 50])

    def test_asking_again_does_not_get_round_the_review(self):
        self.program.daily_earning_cap = 50
        account = self._member()
        order = self._buy(account, 100)
        held = self._held(account)
        self._review(held).action_reject()
        with freeze_time(NOW + timedelta(days=1)):
            self.program.daily_earning_cap = 0
            self.service.process_order(order.id)
        self.assertEqual(account.points_balance, 0)

    def test_asking_again_holds_nothing_that_was_credited(self):
        account = self._member()
        order = self._buy(account, 100)
        self.program.daily_earning_cap = 50
        self.service.process_order(order.id)
        self.assertFalse(self._held(account))

    def test_cancelling_an_order_cancels_what_is_held(self):
        self.program.daily_earning_cap = 50
        account = self._member()
        order = self._buy(account, 100)
        held = self._held(account)
        order._action_cancel()
        self.assertEqual(held.state, "cancelled")
        with self.assertRaisesRegex(UserError, "not held any more"):
            self._review(held).action_approve()

    def test_a_back_fill_of_history_uses_no_limit_up(self):
        self.program.write({"daily_earning_cap": 150, "velocity_limit": 2})
        account = self._member()
        select = """
            SELECT %s AS loyalty_id, 500::numeric AS points, 'test' AS source_type,
                   n AS source_id, 'Then' AS description, 'then:' || n AS key,
                   %s::timestamp AS issued_at, NULL::timestamp AS expires_at
              FROM generate_series(1, 3) n
        """
        past = SQL(select, account.id, NOW - timedelta(days=90))
        self.ledger._earn_batch(past, NOW)
        self._buy(account, 100)
        self.assertEqual(account.points_balance, 1600)

    def test_what_is_noted_is_seen_by_who_waits_for_the_account(self):
        self.program.pending_days = 1
        account = self._member()
        self.env.flush_all()
        query = "SELECT xmin || ':' || ctid FROM customer_loyalty WHERE id = %s"
        before = self.env.execute_query(SQL(query, account.id))
        self._buy(account, 10)
        self.env.flush_all()
        # A row that is written makes a rival's transaction start again.
        self.assertNotEqual(self.env.execute_query(SQL(query, account.id)), before)

    def test_what_is_held_survives_a_merge(self):
        self.program.daily_earning_cap = 50
        one, other = self._member(), self._member()
        self._buy(one, 100)
        self.accounts._merge_into(one.customer_id, other.customer_id)
        held = self._held(other)
        self.assertEqual(held.points, 100)
        self._review(held).action_approve()
        self.assertEqual(other.points_balance, 100)
        self._assert_sound(one, other)

    # ----------------------------------------------------------------------- review
    def test_approved_points_are_credited_with_the_reason(self):
        self.program.daily_earning_cap = 50
        account = self._member()
        self._buy(account, 100)
        held = self._held(account)
        self._review(held, "Wedding").action_approve()
        self.assertEqual(account.points_balance, 100)
        self.assertEqual((held.state, held.decision), ("done", "Wedding"))
        self.assertEqual(held.decided_by_id, self.env.user)
        self.assertEqual(held.decided_at, NOW)
        self._assert_sound(account)

    def test_approved_points_wait_for_their_time(self):
        self.program.write({"daily_earning_cap": 50, "pending_days": 7})
        account = self._member()
        self._buy(account, 100)
        self._review(self._held(account)).action_approve()
        self.assertEqual((account.points_balance, account.points_pending), (0, 100))
        later = NOW + timedelta(days=8)
        with freeze_time(later):
            self.pending._release_due(later, 10)
        account.invalidate_recordset()
        self.assertEqual((account.points_balance, account.points_pending), (100, 0))

    def test_rejected_points_are_not_credited_and_stay_visible(self):
        self.program.daily_earning_cap = 50
        account = self._member()
        self._buy(account, 100)
        held = self._held(account)
        self._review(held, "Same card as three others").action_reject()
        self.assertEqual(held.state, "rejected")
        self.assertEqual(account.points_balance, 0)
        self.assertEqual(self._rows_of(account), [])

    def test_a_decision_is_made_once_and_has_a_reason(self):
        self.program.daily_earning_cap = 50
        account = self._member()
        self._buy(account, 100)
        held = self._held(account)
        with self.assertRaisesRegex(ValidationError, "reason"):
            self._review(held, "  ").action_approve()
        first, second = self._review(held), self._review(held)
        first.action_approve()
        with self.assertRaisesRegex(UserError, "not held any more"):
            second.action_reject()
        self.assertEqual(account.points_balance, 100)

    # ----------------------------------------------------------------------- redeem
    def test_redeeming_more_than_a_day_allows_is_refused(self):
        self.program.daily_redemption_cap = 150
        account = self._member(500)
        self.assertTrue(account.redeem_points(100, "product", 10))
        with self.assertRaisesRegex(ValidationError, "150 a day"):
            account.redeem_points(60, "product", 6)
        self.assertTrue(account.redeem_points(50, "product", 5))
        with freeze_time(NOW + timedelta(days=1)):
            self.assertTrue(account.redeem_points(150, "product", 15))
        self._assert_sound(account)

    def test_a_code_over_the_cap_is_refused(self):
        self.program.daily_redemption_cap = 150
        account = self._member(500)
        reward = self.program.reward_ids
        account._redeem_reward(reward)
        with self.assertRaisesRegex(ValidationError, "150 a day"):
            account._redeem_reward(reward)
        self.assertEqual(account.points_balance, 400)

    def test_an_order_cannot_claim_more_than_a_day_allows(self):
        self.program.daily_redemption_cap = 150
        account = self._member(500)
        account.redeem_points(100, "product", 10)
        order = self._create_order(account.customer_id, None, 300)
        result = self._claim(order, account)
        self.assertIn("150 a day", result["error"])
        self.assertFalse(order.order_line.filtered("reward_id"))

    def test_the_button_on_an_order_says_why(self):
        self.program.daily_redemption_cap = 50
        account = self._member(500)
        order = self._create_order(account.customer_id, None, 300)
        order._update_programs_and_rewards()
        wizard = self.env["sale.loyalty.reward.wizard"].create(
            {"order_id": order.id, "selected_reward_id": self.program.reward_ids.id}
        )
        with self.assertRaisesRegex(UserError, "50 a day"):
            wizard.action_apply()

    def test_an_order_that_claimed_before_is_refused_when_it_is_confirmed(self):
        self.program.daily_redemption_cap = 150
        account = self._member(500)
        order = self._create_order(account.customer_id, None, 300)
        self.assertEqual(self._claim(order, account), {})
        account.redeem_points(100, "product", 10)
        with self.assertRaisesRegex(ValidationError, "150 a day"):
            order.action_confirm()

    def test_an_order_that_is_paid_is_not_refused_any_more(self):
        self.program.daily_redemption_cap = 150
        account = self._member(500)
        order = self._create_order(account.customer_id, None, 300)
        self._claim(order, account)
        account.redeem_points(100, "product", 10)
        provider = self.env["payment.provider"].search([], limit=1)
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": account.customer_id.id,
                "reference": "paid-cart",
                "sale_order_ids": [Command.link(order.id)],
            }
        )
        for state, refused in (("pending", True), ("done", False)):
            payment.state = state
            with self.subTest(state):
                if refused:
                    with self.assertRaises(ValidationError), self.cr.savepoint():
                        order.action_confirm()
                else:
                    order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(account.points_balance, 500 - 100 - 100 + 300)
        self._assert_sound(account)

    def test_what_is_given_back_may_be_redeemed_again(self):
        self.program.daily_redemption_cap = 100
        account = self._member(500)
        order = self._create_order(account.customer_id, None, 300)
        self._claim(order, account)
        order.action_confirm()
        with self.assertRaises(ValidationError):
            account.redeem_points(100, "product", 10)
        order._action_cancel()
        self.assertTrue(account.redeem_points(100, "product", 10))

    # ---------------------------------------------------------------------- settings
    def test_limits_have_bounds(self):
        for name, value in (
            ("daily_earning_cap", -1),
            ("daily_redemption_cap", -0.5),
            ("velocity_limit", -1),
            ("velocity_hours", 0),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(ValidationError, name),
                self.env.cr.savepoint(),
            ):
                self.program[name] = value
                self.env.flush_all()

    def test_a_limit_counts_as_soon_as_it_is_set(self):
        account = self._member()
        self._buy(account, 10)
        self.program.velocity_limit = 1
        self._buy(account, 10)
        self.assertEqual(account.points_balance, 10)
