from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from odoo.addons.customer_lifecycle.tests.public_methods import call

from .common import NOW, LoyaltyCommon

READ, ALL = "r", "rwcu"
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
ROLES = {
    "salesperson": "sales_team.group_sale_salesman",
    "marketer": "customer_lifecycle.group_lifecycle_user",
    "manager": "customer_lifecycle.group_lifecycle_manager",
}
# What the roles may do with our tables: salesperson, marketer, manager. Everybody
# else: nothing.
ACCESS = {
    "customer.loyalty": (READ, READ, READ),
    "loyalty.transaction": (READ, READ, READ),
    "loyalty.point.lot": ("", READ, READ),
    "loyalty.lot.move": ("", READ, READ),
    "loyalty.pending": ("", READ, READ),
    "loyalty.tier": (READ, READ, ALL),
    "loyalty.tier.benefit": (READ, READ, ALL),
    "loyalty.earning.rule": (READ, READ, ALL),
    "loyalty.adjustment": ("", "", ALL),
    "loyalty.review": ("", "", ALL),
}
# (model, method): its arguments, and who may call it.
DOORS = {
    ("loyalty.service", "get_dashboard"): ({}, ("marketer", "manager")),
    ("customer.loyalty", "adjust_points"): (
        {"points": 1, "reason": "Because"},
        ("manager",),
    ),
    ("customer.loyalty", "redeem_points"): (
        {"points": 1, "redemption_type": "product", "value": 1},
        ("manager",),
    ),
    ("loyalty.review", "action_approve"): ({}, ("manager",)),
    ("loyalty.review", "action_reject"): ({}, ("manager",)),
    ("loyalty.adjustment", "action_apply"): ({}, ("manager",)),
    ("res.partner", "action_view_loyalty_accounts"): (
        {},
        ("salesperson", "marketer", "manager"),
    ),
    ("loyalty.transaction", "action_open_source"): (
        {},
        ("salesperson", "marketer", "manager"),
    ),
}


class OfficeSecurityCase(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "public": cls.env.ref("base.public_user"),
            "portal": new_test_user(cls.env, "office_portal", "base.group_portal"),
            "employee": cls._user("office_employee", "base.group_user"),
        }
        for role, group in ROLES.items():
            cls.users[role] = cls._user(f"office_{role}", group)
        elsewhere = cls._create_company()
        cls.users["foreign_manager"] = cls._user(
            "office_foreign", ROLES["manager"], elsewhere
        )
        cls.account = cls._member(500)
        cls.account._redeem_reward(cls.program.reward_ids)
        cls.program.daily_earning_cap = 1
        cls.order = cls._buy(cls.account)
        cls.env.flush_all()
        cls.held = cls.env["loyalty.pending"].search(
            [("loyalty_id", "=", cls.account.id)]
        )
        cls.records = cls._records()

    @classmethod
    def _records(cls):
        """{model: a record of the shop's}"""
        tier = cls.program.tier_ids[:1]
        tier.benefit_ids = [Command.create({"type": "note", "text": "Hello"})]
        cls.program.earning_rule_ids = [
            Command.create({"type": "birthday", "points": 5})
        ]
        return {
            "customer.loyalty": cls.account,
            "loyalty.transaction": cls.account.transaction_ids[:1],
            "loyalty.point.lot": cls.account.lot_ids[:1],
            "loyalty.lot.move": cls.env["loyalty.lot.move"].search([], limit=1),
            "loyalty.pending": cls.held,
            "loyalty.tier": tier,
            "loyalty.tier.benefit": tier.benefit_ids,
            "loyalty.earning.rule": cls.program.earning_rule_ids,
            "loyalty.adjustment": cls.env["loyalty.adjustment"].create(
                {"loyalty_id": cls.account.id, "points": 1, "reason": "Because"}
            ),
            "loyalty.review": cls.env["loyalty.review"].create(
                {"pending_ids": cls.held.ids, "reason": "Because"}
            ),
            "res.partner": cls.account.customer_id,
        }


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOfficeSecurity(OfficeSecurityCase):
    """Who may see and do what, table by table and door by door."""

    def test_access_rights_of_every_role(self):
        expected = {role: place for place, role in enumerate(ROLES)}
        for model, rights in ACCESS.items():
            for role, user in self.users.items():
                if role == "foreign_manager":
                    continue
                allowed = rights[expected[role]] if role in expected else ""
                found = "".join(
                    letter
                    for letter, operation in OPERATIONS.items()
                    if self.env[model].with_user(user).has_access(operation)
                )
                with self.subTest(model=model, role=role):
                    self.assertEqual(found, allowed)

    def test_another_company_sees_nothing(self):
        foreign = self.users["foreign_manager"]
        for model in ACCESS:
            if model in ("loyalty.adjustment", "loyalty.review"):
                continue
            record = self.records[model].with_user(foreign)
            with self.subTest(model):
                self.assertFalse(record.search([("id", "=", record.id)]))
                with self.assertRaises(AccessError):
                    record.check_access("read")

    def test_only_those_who_may_pass_the_doors(self):
        for (model, method), (arguments, roles) in DOORS.items():
            for role in ("public", "portal", "employee", *ROLES):
                with (
                    self.subTest(method=f"{model}.{method}", role=role),
                    self.env.cr.savepoint() as savepoint,
                ):
                    self._pass(model, method, arguments, role, role in roles)
                    self.env.flush_all()
                    savepoint.rollback()
                self.env.invalidate_all()

    def _pass(self, model, method, arguments, role, is_allowed):
        env = self.env(user=self.users[role])
        ids = self.records[model].ids if model in self.records else []

        def knock():
            call(env, model, method, ids, arguments)

        if not is_allowed:
            with self.assertRaises(AccessError):
                knock()
            return
        try:
            knock()
        except UserError as error:
            # A salesperson sees his own orders alone.
            self.assertEqual((method, role), ("action_open_source", "salesperson"))
            self.assertIsInstance(error, AccessError)

    def test_a_foreign_manager_moves_no_points(self):
        env = self.env(user=self.users["foreign_manager"])
        for model, method, arguments in (
            ("customer.loyalty", "adjust_points", {"points": 1, "reason": "Mine"}),
            ("loyalty.review", "action_approve", {}),
            ("loyalty.review", "action_reject", {}),
            ("loyalty.adjustment", "action_apply", {}),
        ):
            with self.subTest(method), self.assertRaises(UserError):
                call(env, model, method, self.records[model].ids, arguments)
        with self.assertRaises(AccessError):
            env["loyalty.review"].create(
                {"pending_ids": [Command.set(self.held.ids)], "reason": "Mine"}
            )
        wizard = env["loyalty.adjustment"].create(
            {"loyalty_id": self.account.id, "points": 5, "reason": "Mine"}
        )
        with self.assertRaises(AccessError):
            wizard.action_apply()
        self.assertEqual(self.held.state, "held")
        self.assertEqual(self.account.points_balance, 400)

    def test_a_foreign_manager_asks_for_a_program_in_vain(self):
        env = self.env(user=self.users["foreign_manager"])
        with self.assertRaisesRegex(UserError, "program_id"):
            env["loyalty.service"].get_dashboard(self.program.id)

    def test_nobody_decides_by_writing(self):
        manager = self.held.with_user(self.users["manager"])
        with self.assertRaises(AccessError):
            manager.state = "waiting"
        with self.assertRaises(AccessError):
            self.account.with_user(self.users["manager"]).points_balance = 9
        with self.assertRaises(AccessError):
            self.account.with_user(self.users["manager"]).audit_note = False


@tagged("post_install", "-at_install")
class TestExportSecurity(OfficeSecurityCase, HttpCase):
    """The dashboard as a file is for managers."""

    ADDRESS = "/loyalty_program/dashboard/export"

    def _get(self, role, path):
        self.authenticate(f"office_{role}", f"office_{role}")
        return self.url_open(f"{self.ADDRESS}/{path}")

    def test_a_manager_gets_all_figures(self):
        response = self._get("manager", f"csv?program={self.program.id}")
        self.assertEqual(response.status_code, 200)
        for text in (self.program.name, "Liability", "Points by month", "Platinum"):
            self.assertIn(text, response.text)
        response = self._get("manager", f"xlsx?program={self.program.id}")
        self.assertEqual(response.content[:2], b"PK")

    def test_others_get_nothing(self):
        for role in ("portal", "employee", "salesperson", "marketer"):
            with self.subTest(role):
                response = self._get(role, f"csv?program={self.program.id}")
                self.assertEqual(response.status_code, 403)
                self.assertNotIn("Liability", response.text)

    def test_nonsense_is_refused(self):
        self.assertEqual(self._get("manager", "exe").status_code, 404)
        for path in ("csv?program=x", "csv?program=0", "csv?program=99999999999"):
            with self.subTest(path):
                self.assertIn(self._get("manager", path).status_code, (400, 422))
        self.assertEqual(
            self._get("foreign", f"csv?program={self.program.id}").status_code // 100, 4
        )


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestManagersProgram(LoyaltyCommon):
    """A lifecycle manager who sells nothing configures programs all the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("program_boss", ROLES["manager"])

    def test_a_manager_makes_changes_and_archives_a_program(self):
        programs = self.env["loyalty.program"].with_user(self.manager)
        action = programs.create_from_template("loyalty_tiers")
        program = programs.browse(action["res_id"])
        reward = program.reward_ids[:1]
        reward.description = "Five off"
        self.assertEqual(reward.sudo().discount_line_product_id.name, "Five off")
        program.active = False
        self.assertFalse(reward.sudo().discount_line_product_id.active)
        self.assertGreaterEqual(program.coupon_count, 0)

    def test_a_marketer_does_not(self):
        marketer = self._user("program_reader", ROLES["marketer"])
        program = self.program.with_user(marketer)
        reward = program.reward_ids
        with self.assertRaises(AccessError):
            program.create_from_template("loyalty_tiers")
        with self.assertRaises(AccessError):
            reward.description = "Mine"
        with self.assertRaises(AccessError):
            program.active = False
