import json
from datetime import datetime, timedelta
from xmlrpc.client import dumps

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, LoyaltyCommon

USER = "customer_lifecycle.group_lifecycle_user"
MANAGER = "customer_lifecycle.group_lifecycle_manager"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestService(LoyaltyCommon):
    """The external API: plain in, plain out, and for whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("loyalty_manager", f"base.group_user,{MANAGER}")
        cls.marketer = cls._user("loyalty_marketer", f"base.group_user,{USER}")
        cls.salesman = cls._user(
            "loyalty_sales", "base.group_user,sales_team.group_sale_salesman"
        )
        cls.portal = new_test_user(cls.env, "loyalty_portal", "base.group_portal")
        elsewhere = cls._create_company()
        cls.stranger = cls._user(
            "loyalty_stranger", f"base.group_user,{MANAGER}", elsewhere
        )
        cls.api = cls.service.with_user(cls.manager)
        cls.account = cls._member(250)
        cls.customer = cls.account.customer_id
        cls.reward = cls.program.reward_ids

    def _calls(self, service):
        """Every public method, as {name: call}."""
        order = self._buy(self.account, 10)
        with freeze_time(NOW - timedelta(days=30)):
            past = self._create_order(self.customer)
            past.write({"state": "sale", "date_order": NOW - timedelta(days=30)})
        known = self.env["loyalty.backfill"].create({"program_id": self.program.id})
        return {
            "enroll_customer": lambda: service.enroll_customer(self.customer.id),
            "process_order": lambda: service.process_order(order.id),
            "reverse_order": lambda: service.reverse_order(order.id),
            "expire_points": service.expire_points,
            "get_balance": lambda: service.get_balance(self.customer.id),
            "get_transactions": lambda: service.get_transactions(self.customer.id),
            "get_referrals": lambda: service.get_referrals(self.customer.id),
            "start_backfill": service.start_backfill,
            "get_backfill": lambda: service.get_backfill(known.id),
            "redeem": lambda: service.redeem(self.customer.id, self.reward.id),
            "get_program_metrics": service.get_program_metrics,
            "liability": service.liability,
            "get_dashboard": service.get_dashboard,
        }

    def test_a_branch_has_its_parents_program(self):
        """Its orders earn there; its people see the members, as standard's cards."""
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.shop.id}
        )
        self.env.user.company_ids += branch
        manager = self._user("branch_m", f"base.group_user,{MANAGER}", branch)
        api = self.service.with_user(manager).with_company(branch)
        self.assertEqual(api.get_balance(self.customer.id)["balance"], 250)
        self.assertEqual(api.get_program_metrics()["members"], 1)
        found = api.env["customer.loyalty"].search([])
        self.assertIn(self.account, found)
        self.assertEqual(len(found.transaction_ids), len(found.sudo().transaction_ids))
        self.assertTrue(found.program_id.tier_ids.read())
        stranger = self.service.with_user(self.stranger)
        self.assertFalse(stranger.env["customer.loyalty"].search([]))

    def test_nothing_expires_before_its_day(self):
        later = NOW + timedelta(days=4000)
        with self.assertRaisesRegex(ValidationError, "now"):
            self.api.expire_points(later.isoformat())
        self.assertEqual(self.account.points_balance, 250)

    def test_the_list_of_calls_is_complete(self):
        public = {
            name
            for cls in type(self.service).mro()
            if "loyalty_program" in (getattr(cls, "_module", None) or "")
            for name, method in vars(cls).items()
            if callable(method) and not name.startswith("_")
        }
        self.assertEqual(public, set(self._calls(self.service)))

    def test_managers_may_call_all_and_get_plain_values(self):
        for name, call in self._calls(self.api).items():
            with self.subTest(name):
                found = call()
                dumps((found,), methodresponse=True, allow_none=False)
                json.dumps(found)

    def test_marketers_may_look(self):
        reads = {"get_balance", "get_transactions", "get_program_metrics", "liability"}
        reads |= {"get_referrals", "get_dashboard", "get_backfill"}
        for name, call in self._calls(self.service.with_user(self.marketer)).items():
            with self.subTest(name):
                if name in reads:
                    call()
                else:
                    with self.assertRaises(AccessError):
                        call()

    def test_nobody_else_may_call(self):
        for user in (self.salesman, self.portal):
            for name, call in self._calls(self.service.with_user(user)).items():
                with (
                    self.subTest(name, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    call()

    def test_another_company_sees_nothing(self):
        service = self.service.with_user(self.stranger)
        for name, call in self._calls(service).items():
            with self.subTest(name):
                if name in ("liability", "expire_points"):
                    self.assertFalse(call())
                elif name == "get_transactions":
                    self.assertEqual(call(), [])
                elif name == "get_dashboard":
                    self.assertFalse(call()["program"])
                else:
                    with self.assertRaises(UserError):
                        call()

    def test_methods_of_accounts_are_for_managers(self):
        for user in (self.marketer, self.salesman, self.portal, self.stranger):
            account = self.account.with_user(user)
            for call in (
                lambda a=account: a.earn_points(5, "x"),
                lambda a=account: a.redeem_points(5, "discount", 1),
                lambda a=account: a.adjust_points(5, "x"),
                lambda a=account: a.transfer_points(self.customer.id, 5),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    call()
        self.assertEqual(self.account.points_balance, 250)

    def test_records_per_role(self):
        for user, allowed in (
            (self.manager, True),
            (self.marketer, True),
            (self.salesman, True),
            (self.portal, False),
        ):
            rows = self.transactions.with_user(user)
            with self.subTest(user.login):
                if allowed:
                    self.assertTrue(rows.search([("loyalty_id", "=", self.account.id)]))
                else:
                    with self.assertRaises(AccessError):
                        rows.search([])
                for values in ({"active": False}, {"points_balance": 10**6}):
                    with self.assertRaises(AccessError):
                        self.account.with_user(user).write(values)
        self.assertFalse(self.transactions.with_user(self.stranger).search([]))
        self.assertFalse(self.accounts.with_user(self.stranger).search([]))

    # ------------------------------------------------------------------- contract
    def test_earn_and_redeem_as_the_contract_says(self):
        account = self._member()
        self.assertEqual(account.earn_points(100, "sale.order", 7, "Milk"), 100)
        self.assertEqual(account.earn_points(0, "x"), 100)
        self.assertEqual(account.earn_points(-5, "x"), 100)
        self.assertIs(account.redeem_points(40, "discount", 4, code="ABC"), True)
        self.assertIs(account.redeem_points(61, "discount", 6), False)
        self.assertIs(account.redeem_points(0, "discount", 6), False)
        self.assertIs(account.redeem_points(-3, "discount", 6), False)
        self.assertEqual(account.adjust_points(-10, "Mistake"), 50)
        row = account.transaction_ids.sorted("id")[1]
        self.assertEqual(
            (row.redemption_type, row.redemption_value, row.redemption_code),
            ("discount", 4, "ABC"),
        )
        self._assert_sound(account)

    def test_wrong_values_are_refused_by_name(self):
        account = self.account
        for call, name in (
            (lambda: account.earn_points("5", "x"), "points"),
            (lambda: account.earn_points(True, "x"), "points"),
            (lambda: account.earn_points(float("nan"), "x"), "points"),
            (lambda: account.earn_points(10**12, "x"), "points"),
            (lambda: account.earn_points(5, ""), "source_type"),
            (lambda: account.earn_points(5, "a\0b"), "source_type"),
            (lambda: account.earn_points(5, "x", -1), "source_id"),
            (lambda: account.redeem_points(5, "gold", 1), "redemption_type"),
            (lambda: account.redeem_points(5, "code", "x"), "value"),
            (lambda: account.adjust_points(5, " "), "reason"),
            (lambda: account.adjust_points(0, "x"), "points"),
            (lambda: account.adjust_points(-999, "x"), "points"),
            (lambda: account.transfer_points(self.customer.id, 5), "to_customer_id"),
            (lambda: account.transfer_points(0, 5), "to_customer_id"),
            (lambda: self.api.enroll_customer("7"), "customer_id"),
            (lambda: self.api.enroll_customer(2**31), "customer_id"),
            (lambda: self.api.enroll_customer(self.customer.id, 7), "program_code"),
            (lambda: self.api.enroll_customer(self.customer.id, "x"), "program_code"),
            (lambda: self.api.process_order(None), "order_id"),
            (lambda: self.api.process_order(2**30), "order_id"),
            (lambda: self.api.redeem(self.customer.id, 2**30), "reward_id"),
            (lambda: self.api.get_transactions(self.customer.id, 0), "limit"),
            (lambda: self.api.get_transactions(self.customer.id, 10, -1), "offset"),
            (
                lambda: self.api.get_transactions(self.customer.id, 10, 0, "gift"),
                "transaction_type",
            ),
            (lambda: self.api.expire_points("yesterday"), "now"),
            (lambda: self.api.liability("soon"), "now"),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(ValidationError, name),
                self.env.cr.savepoint(),
            ):
                call()
        self.assertEqual(account.points_balance, 250)
        self._assert_sound(account)

    def test_archived_customers_do_not_join(self):
        customer = self._create_customer(active=False)
        with self.assertRaisesRegex(ValidationError, "archived"):
            self.api.enroll_customer(customer.id)

    def test_a_reward_becomes_a_code_that_pays_once(self):
        found = self.api.redeem(self.customer.id, self.reward.id)
        self.assertEqual((found["points"], found["balance"]), (100, 150))
        order = self._create_order(self.customer, None, 50)
        for coupon, rewards in order._try_apply_code(found["code"]).items():
            order._apply_program_reward(rewards, coupon)
        self.assertEqual(order.amount_total, 40)
        order.action_confirm()
        again = self._create_order(self.customer, None, 50)
        self.assertIn("error", again._try_apply_code(found["code"]))
        self._assert_sound(self.account)

    def test_a_code_that_is_never_used_gives_its_points_back(self):
        found = self.api.redeem(self.customer.id, self.reward.id)
        lot = self.account.lot_ids
        expiry = lot.expires_at
        self.assertEqual(lot.remaining, 150)
        self.accounts._return_codes(noon_after(found["expires"], 2), 100)
        self.accounts._return_codes(noon_after(found["expires"], 3), 100)
        self.env.invalidate_all()
        self.assertEqual(self.account.points_balance, 250)
        self.assertEqual(self.account.points_redeemed, 0)
        self.assertEqual((lot.remaining, lot.expires_at), (250, expiry))
        order = self._create_order(self.customer, None, 50)
        self.assertIn("error", order._try_apply_code(found["code"]))
        self._assert_sound(self.account)

    def test_points_that_are_transferred_keep_their_expiry(self):
        other = self._member()
        expiry = self.account.lot_ids.expires_at
        self.assertEqual(self.account.transfer_points(other.customer_id.id, 70), 180)
        self.assertEqual(other.points_balance, 70)
        self.assertEqual(other.lot_ids.expires_at, expiry)
        self.assertEqual(other.points_lifetime, 0)
        with self.assertRaises(ValidationError):
            self.account.transfer_points(other.customer_id.id, 181)
        self._assert_sound(self.account, other)

    def test_the_figures_of_a_program(self):
        self.account.redeem_points(50, "discount", 5)
        found = self.api.get_program_metrics(self.program.code)
        self.assertEqual(found["members"], 1)
        self.assertEqual((found["issued"], found["redeemed"]), (250, 50))
        self.assertEqual(found["outstanding"], 200)
        self.assertAlmostEqual(found["liability"], 20)
        self.assertAlmostEqual(found["redemption_rate"], 20)
        self.assertEqual(found["tiers"], {"bronze": 1})

    def test_liability_is_that_of_the_day(self):
        with freeze_time("2040-06-20 12:00:00"):
            self.account.redeem_points(100, "discount", 10)
            (today,) = self.api.liability()
            (former,) = self.api.liability("2040-06-15")
            (before,) = self.api.liability("2040-06-14")
        self.assertEqual((today["points"], today["liability"]), (150, 15))
        self.assertEqual((former["points"], former["liability"]), (250, 25))
        self.assertEqual(before["points"], 0)

    def test_what_expires_soon(self):
        with freeze_time("2041-05-20 12:00:00"):
            found = self.api.get_balance(self.customer.id)
        self.assertEqual(found["expiring"], [{"date": "2041-06-15", "points": 250}])
        self.assertEqual(self.api.get_balance(self.customer.id)["expiring"], [])
        self.assertEqual(found["progress"], 25)

    def test_transactions_are_paged(self):
        for number in range(5):
            self.account.earn_points(number + 1, "test")
        found = self.api.get_transactions(self.customer.id, 2, 1, "earn")
        self.assertEqual([row["points"] for row in found], [4, 3])
        self.assertEqual(found[0]["balance_after"], 260)


def noon_after(day, days):
    """Return noon some days after an ISO date."""
    return datetime.fromisoformat(day) + timedelta(days=days, hours=12)
