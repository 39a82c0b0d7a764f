from odoo.exceptions import UserError, ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import NOW, REWARDS, LoyaltyCommon
from .test_program_json import EARNING, TIERS

NAN, INF = float("nan"), float("inf")
NONSENSE = (
    10**400,
    2**40,
    -(10**400),
    NAN,
    INF,
    -INF,
    -1,
    0,
    1.5,
    2**31 - 1,
    True,
    None,
    "",
    "\0",
    "a\0b",
    "\ud800",
    "nonsense",
    [],
    [None],
    [5],
    [[]],
    [(4, 2**31 - 1)],
    [(0, 0)],
    [("x", 1, {})],
    {},
    {"a": 1},
)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestJsonInputs(LoyaltyCommon):
    """What the JSON of a program asks for happens, or is refused by name."""

    def _foreign(self):
        currency = self.env["res.currency"].create({"name": "TSR", "symbol": "T"})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2030-01-01", "rate": 2}
        )
        return currency

    # ---------------------------------------------------------------------- currency
    def test_the_currency_is_set_by_its_code(self):
        currency = self._foreign()
        self.assertEqual(self.program.points_currency, self.shop.currency_id.name)
        self.program.points_currency = "TSR"
        self.assertEqual(self.program.currency_id, currency)
        program = self._program(points_currency="TSR")

        found = program.search([("points_currency", "=", "TSR")])
        self.assertEqual(found, self.program + program)
        self.program.currency_id = self.shop.currency_id
        self.assertEqual(self.program.points_currency, self.shop.currency_id.name)

    def test_unknown_currencies_are_refused_with_those_allowed(self):
        self._foreign()
        for value in ("XXX", "tsr", "", False):
            for call in (
                lambda v=value: self.program.write({"points_currency": v}),
                lambda v=value: self._program(points_currency=v),
            ):
                with (
                    self.subTest(value),
                    self.assertRaisesRegex(ValidationError, "points_currency.*TSR"),
                    self.env.cr.savepoint(),
                ):
                    call()

    def test_codes_follow_the_currency(self):
        reward = self.program.reward_ids
        former = reward._code_program()
        self.program.points_currency = self._foreign().name
        self.assertNotEqual(reward._code_program(), former)
        self.assertEqual(reward.code_program_id.currency_id.name, "TSR")
        self.assertEqual(former.currency_id, self.shop.currency_id)

    # ------------------------------------------------------------------------- tiers
    def test_no_tiers_are_the_four_of_every_program(self):
        defaults = [
            {"name": name, "code": name.lower(), "min_points": points, "benefits": []}
            for name, points in (
                ("Bronze", 0),
                ("Silver", 1000),
                ("Gold", 5000),
                ("Platinum", 15000),
            )
        ]
        for value in ([], "[]", False):
            self.program.tiers = [
                TIERS[0],
                {**TIERS[1], "name": "Better", "min_points": 7},
            ]
            kept = self.program.tier_ids.filtered(lambda tier: tier.code == "silver")
            self.program.tiers = value
            self.program.invalidate_recordset()
            self.assertEqual(self.program.tiers, defaults)
            self.assertIn(kept, self.program.tier_ids)
        self.assertEqual(self._program(tiers=[]).tiers, defaults)

    # ----------------------------------------------------------------------- rewards
    def test_no_rules_remove_the_rewards(self):
        plain = {"reward_type": "discount", "discount_mode": "percent"}
        for value in ([], "[]", False):
            program = self._program()
            program.redemption_rules = value
            program.invalidate_recordset()
            self.assertFalse(program.reward_ids)
            self.assertEqual(program.redemption_rules, [])
            self.assertEqual(program._point_value(), 0)
            # What a program without rewards needs to go on.
            program.name = "Only tiers"
            program.points_per_currency = 2
            program.redemption_rules = REWARDS
            self.assertEqual(program.redemption_rules, REWARDS)
        self.program.reward_ids.copy({"program_id": self.program.id, **plain})
        self.program.redemption_rules = []
        self.assertEqual(self.program.reward_ids.discount_mode, "percent")

    def test_a_new_program_without_rules_has_no_rewards(self):
        program = self._program(redemption_rules=[])
        self.assertFalse(program.reward_ids)
        account = self._member(program=program)
        self._buy(account, 20)
        self.assertEqual(account.points_balance, 20)
        self.assertEqual(account._catalogue(), [])
        copy = program.copy()
        self.assertFalse(copy.reward_ids)

    def test_programs_without_accounts_need_rewards_as_ever(self):
        values = {"name": "Promo", "program_type": "promotion", "reward_ids": []}
        with self.assertRaisesRegex(ValidationError, "at least one reward"):
            self.env["loyalty.program"].create(values)

    def test_rewards_that_orders_carry_are_archived(self):
        account = self._member(300)
        order = self._create_order(account.customer_id, None, 100)
        self._claim(order, account)
        order.action_confirm()
        reward = self.program.reward_ids
        self.program.redemption_rules = []
        self.assertFalse(self.program.reward_ids)
        self.assertFalse(reward.active)

    def test_a_reward_of_another_program_is_refused_by_its_path(self):
        other = self._program().reward_ids
        entry = {"points": 5, "type": "product", "reward_id": other.id}
        for call in (
            lambda: self.program.write({"redemption_rules": [*REWARDS, entry]}),
            lambda: self._program(redemption_rules=[*REWARDS, entry]),
        ):
            with (
                self.assertRaisesRegex(
                    ValidationError, r"redemption_rules\[1\]\.reward_id"
                ),
                self.env.cr.savepoint(),
            ):
                call()
        self.assertEqual(self.program.redemption_rules, REWARDS)


class Undone(Exception):
    """What was accepted is taken back: the next one meets the same records."""


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestNonsense(LoyaltyCommon):
    """Whatever a client sends, it is told what is wrong; nothing breaks."""

    def _is_answered(self, call, name):
        """Call; what is refused is refused with a message for people."""
        with self.subTest(str(name)[:150]), mute_logger("odoo.sql_db", "odoo.http"):
            try:
                with self.env.cr.savepoint():
                    call()
                    self.env.flush_all()
                    raise Undone
            except Undone:
                return None
            except UserError as error:
                self.assertTrue(str(error.args[0]).strip())
                return str(error.args[0])
            finally:
                self.env.invalidate_all()
        return None

    # ------------------------------------------------------------------------ fields
    def _fields_of(self, record):
        return [
            name
            for name, field in record._fields.items()
            if name not in MAGIC_COLUMNS and (not field.readonly or field.inverse)
        ]

    def test_every_field_of_a_program_and_its_parts(self):
        self.program.write({"tiers": TIERS, "earning_rules": EARNING})
        records = [
            self.program,
            self.program.tier_ids[1],
            self.program.tier_ids[1].benefit_ids,
            self.program.earning_rule_ids[:1],
            self.program.rule_ids,
            self.program.reward_ids,
            self.env["loyalty.adjustment"].create(
                {"loyalty_id": self._member(10).id, "points": 1, "reason": "Sorry"}
            ),
        ]
        for record in records:
            for name in self._fields_of(record):
                for value in NONSENSE:
                    self._is_answered(
                        lambda r=record, v={name: value}: r.write(v),
                        (record._name, "write", name, value),
                    )

    def test_every_field_of_what_is_new(self):
        parents = {"program_id": self._program().id, "type": "note"}
        parents["tier_id"] = self.program.tier_ids[0].id
        for record in (
            self.program,
            self.program.tier_ids[0],
            self.env["loyalty.tier.benefit"],
            self.env["loyalty.earning.rule"],
        ):
            for name in self._fields_of(record):
                for value in NONSENSE:
                    vals = {k: v for k, v in parents.items() if k in record._fields}
                    self._is_answered(
                        lambda r=record, v={"name": "X", **vals, name: value}: r.create(
                            {k: v[k] for k in v if k in r._fields}
                        ),
                        (record._name, "create", name, value),
                    )

    def test_numbers_are_refused_by_name(self):
        tier = self.program.tier_ids[1]
        rule = self.env["loyalty.earning.rule"].create(
            {"program_id": self.program.id, "type": "review", "points": 5}
        )
        card = self._member(10).card_id
        for record, name in (
            (self.program, "points_per_currency"),
            (self.program, "daily_earning_cap"),
            (self.program, "daily_redemption_cap"),
            (self.program, "velocity_limit"),
            (self.program, "referral_min_amount"),
            (self.program, "points_expiry_months"),
            (tier, "min_points"),
            (rule, "points"),
            (rule, "friend_points"),
            (card, "points"),
        ):
            for value in (10**400, NAN, INF, -INF, 10**15, "x", [1], {"a": 1}):
                text = self._is_answered(
                    lambda r=record, n=name, v=value: r.write({n: v}), (name, value)
                )
                self.assertIn(f"{name}:", text or "accepted", value)
        self.assertEqual(card.points, 10)

    def test_json_holds_no_number_beyond_all_bounds(self):
        for name, value in (
            ("earning_rules", [{"type": "review", "points": 10**400}]),
            ("tiers", [{"name": "A", "code": "bronze", "min_points": 10**400}]),
            ("redemption_rules", [{"points": 10**400, "value": 1}]),
            ("redemption_rules", [{"points": 5, "value": NAN}]),
        ):
            text = self._is_answered(
                lambda n=name, v=value: self.program.write({n: v}), name
            )
            self.assertIn(name, text or "accepted")

    def test_points_per_currency_have_a_bound(self):
        self.program.points_per_currency = 10**6
        for value in (10**6 + 1, -0.5):
            with (
                self.assertRaisesRegex(
                    ValidationError, "points_per_currency.*0 to 1000000"
                ),
                self.env.cr.savepoint(),
            ):
                self.program.points_per_currency = value

    def test_what_is_there_twice_is_named(self):
        other = self._program()
        tier = self.program.tier_ids[1]
        rule = {"program_id": self.program.id, "type": "review", "points": 5}
        self.env["loyalty.earning.rule"].create(rule)
        for call, name in (
            (lambda: self._program(code=self.program.code), "code"),
            (lambda: other.write({"code": self.program.code}), "code"),
            (lambda: tier.copy({"min_points": 2000}), "code"),
            (lambda: self.env["loyalty.earning.rule"].create(rule), "type"),
        ):
            self.assertIn(f"{name}:", self._is_answered(call, name) or "accepted")
        self.program.action_archive()
        text = self._is_answered(lambda: self._program(code=self.program.code), "code")
        self.assertIn("code:", text or "accepted")

    # ----------------------------------------------------------------------- methods
    def test_every_method_of_accounts(self):
        account, friend = self._member(100), self._member()
        good = {
            "earn_points": [5, "test", 1, "Why"],
            "redeem_points": [5, "discount", 1, "CODE"],
            "adjust_points": [5, "Why"],
            "transfer_points": [friend.customer_id.id, 5],
        }
        for method, values in good.items():
            for place in range(len(values)):
                for value in NONSENSE:
                    given = [*values[:place], value, *values[place + 1 :]]
                    self._is_answered(
                        lambda m=method, g=given: getattr(account, m)(*g),
                        (method, place, value),
                    )
            for ids in ([], [2**40], [2**31 - 1], [-1], [0], account.ids + friend.ids):
                text = self._is_answered(
                    lambda m=method, i=ids, v=values: getattr(
                        self.accounts.browse(i), m
                    )(*v),
                    (method, ids),
                )
                self.assertTrue(text, (method, ids))
        for value in (-1, -0.01):
            with self.assertRaisesRegex(ValidationError, "value: "):
                account.redeem_points(5, "discount", value)
        self._assert_sound(account, friend)

    def test_every_method_of_the_service(self):
        account = self._member(300)
        customer, reward = account.customer_id.id, self.program.reward_ids.id
        order = self._buy(account, 10)
        good = {
            "enroll_customer": [customer, self.program.code],
            "process_order": [order.id],
            "reverse_order": [order.id],
            "expire_points": [None],
            "get_balance": [customer],
            "get_transactions": [customer, 10, 0, "earn"],
            "get_referrals": [customer],
            "start_backfill": [self.program.code, None],
            "get_backfill": [1],
            "redeem": [customer, reward],
            "get_program_metrics": [self.program.code],
            "liability": [None],
            "get_dashboard": [self.program.id],
        }
        for method, values in good.items():
            for place in range(len(values)):
                for value in (*NONSENSE, "0001-01-01", "9999-12-31", "1900-01-01"):
                    given = [*values[:place], value, *values[place + 1 :]]
                    self._is_answered(
                        lambda m=method, g=given: getattr(self.service, m)(*g),
                        (method, place, value),
                    )
        self._assert_sound(account)


@tagged("post_install", "-at_install")
class TestForgedLinks(HttpCase):
    def test_a_link_that_is_none_finds_nobody(self):
        for code in ("%00", "A%00B", "%ED%A0%80", "%FF", "x" * 3000):
            with self.subTest(code):
                self.assertEqual(self.url_open(f"/refer/{code}").status_code, 404)
