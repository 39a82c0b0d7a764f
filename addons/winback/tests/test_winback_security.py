from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.customer_lifecycle.tests.public_methods import call, public_methods

from .common import DAY, NOON, ROLES, WinbackCommon

OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
# What salesperson, marketer and manager may do; everybody else: nothing.
ACCESS = {
    "winback.campaign": ("r", "rwc", "rwcu"),
    "winback.campaign.step": ("r", "rwcu", "rwcu"),
    "winback.attempt": ("r", "r", "r"),
}
SAMPLES = {"vals": {}, "vals_list": [{}], "field_names": []}
# They answer with an action, no data of anybody's: what it opens has its own rules.
HARMLESS = {"action_deliveries", "action_test_run", "action_attempts"}
HARMLESS |= {"action_statistics"}


@tagged("post_install", "-at_install")
class TestWinbackSecurity(WinbackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls._campaign()
        cls.person = cls._lapsed()
        cls._target(cls.campaign)
        cls.users = {role: cls._user(role) for role in ROLES}
        cls.abroad = cls._create_company()
        cls.stranger = cls._user("manager", cls.abroad)

    def _as(self, user):
        return self.env(user=user, context={})

    def test_every_model_is_open_to_whom_it_should_be(self):
        for number, (role, user) in enumerate(self.users.items()):
            env = self._as(user)
            for name, rows in ACCESS.items():
                found = "".join(
                    letter
                    for letter, operation in OPERATIONS.items()
                    if env[name].has_access(operation)
                )
                with self.subTest(role=role, model=name):
                    self.assertEqual(found, rows[number - 2] if number > 1 else "")

    def test_no_model_is_forgotten(self):
        names = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "winback" and not model._abstract
        }
        self.assertEqual(names, set(ACCESS))

    def test_another_company_sees_and_changes_nothing(self):
        attempt = self._of(self.campaign)
        for records in (self.campaign, self.campaign.step_ids, attempt):
            foreign = self._as(self.stranger)[records._name]
            self.assertFalse(foreign.search([("id", "in", records.ids)]))
            with self.assertRaises(AccessError):
                foreign.browse(records.ids).read(["display_name"])
        with self.assertRaises(AccessError):
            self._as(self.stranger)["winback.campaign"].create(
                self._values(company_id=self.shop.id)
            )
        with self.assertRaises(UserError):
            self._as(self.users["manager"])["winback.campaign"].browse(
                self._campaign(start=False).id
            ).company_id = self.abroad

    def test_nobody_writes_what_the_engine_writes(self):
        marketer = self._as(self.users["manager"])
        for name, value in (("scheduled_until", "2040-01-01"), ("version_id", False)):
            with self.assertRaises(AccessError):
                marketer["winback.campaign"].browse(self.campaign.id)[name] = value
        with self.assertRaises(AccessError):
            marketer["winback.attempt"].browse(self._of(self.campaign).id).write(
                {"status": "won_back"}
            )

    def test_services_refuse_all_but_marketers(self):
        order = self._buys(self.person, NOON + DAY)
        calls = {
            "identify_candidates": (self.campaign.id,),
            "start_attempts": (self.campaign.id,),
            "process_order": (order.id,),
            "get_stats": (),
            "get_dashboard": (),
        }
        names = {
            m
            for model, m in public_methods(self.env, "winback")
            if model == "winback.service"
        }
        self.assertEqual(names, set(calls))
        for method, args in calls.items():
            for role in ("portal", "clerk", "salesperson"):
                service = self._as(self.users[role])["winback.service"]
                with (
                    self.subTest(method=method, role=role),
                    self.assertRaises(AccessError),
                ):
                    getattr(service, method)(*args)
            foreign = self._as(self.stranger)["winback.service"]
            if args:
                with self.subTest(method=method), self.assertRaises(ValidationError):
                    getattr(foreign, method)(*args)
            else:
                found = getattr(foreign, method)()
                self.assertFalse(found.get("targeted") or found.get("campaigns"))
        with freeze_time(NOON + DAY):
            marketer = self._as(self.users["marketer"])["winback.service"]
            for method, args in calls.items():
                getattr(marketer, method)(*args)

    def test_public_methods_of_records_refuse_strangers(self):
        records = {
            "winback.campaign": self._campaign(),
            "winback.attempt": self._of(self.campaign),
        }
        users = [self.users["portal"], self.users["clerk"], self.stranger]
        asked = 0
        methods = {
            (model, method)
            for prefix in ("winback", "journey_engine")
            for model, method in public_methods(self.env, prefix)
            if model in records and method not in HARMLESS | {"action_load_playbooks"}
        }
        for model, method in sorted(methods):
            for user in users:
                if method == "create" and user == self.stranger:
                    continue  # may create, but not for others: see above
                with (
                    self.subTest(model=model, method=method, user=user.login),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    call(self._as(user), model, method, records[model].ids, SAMPLES)
                    self.env.flush_all()
                asked += 1
        self.assertGreater(asked, 20)

    def test_bad_arguments_are_named(self):
        service = self._as(self.users["marketer"])["winback.service"]
        off = self._campaign(start=False)
        for method, args, word in (
            ("identify_candidates", (2**30,), "campaign_id"),
            ("identify_candidates", ("1",), "campaign_id"),
            ("identify_candidates", (True,), "campaign_id"),
            ("identify_candidates", (-1,), "campaign_id"),
            ("start_attempts", (2**30,), "campaign_id"),
            ("start_attempts", (off.id,), "switched off"),
            ("start_attempts", (self.campaign.id, 0), "limit"),
            ("start_attempts", (self.campaign.id, -5), "limit"),
            ("get_stats", (0,), "campaign_id"),
            ("start_attempts", (self.campaign.id, "9"), "limit"),
            ("start_attempts", (self.campaign.id, 1.5), "limit"),
            ("process_order", (2**30,), "order_id"),
            ("process_order", ("x",), "order_id"),
            ("get_stats", ("x",), "campaign_id"),
            ("get_dashboard", ("x",), "date_from"),
            ("get_dashboard", (None, 7), "date_to"),
        ):
            with self.subTest(method=method, args=args):
                with self.assertRaises(ValidationError) as caught:
                    getattr(service, method)(*args)
                self.assertIn(word, str(caught.exception))

    def test_two_companies_are_told_apart(self):
        theirs = self.campaigns.with_company(self.abroad).create(
            self._values(company_id=self.abroad.id)
        )
        with freeze_time(NOON):
            theirs.action_start()
        both = self.campaigns.env["winback.service"].with_context(
            allowed_company_ids=(self.shop | self.abroad).ids
        )
        with freeze_time(NOON):
            found = both.identify_candidates(theirs.id)
        self.assertEqual(found["customers"], 0)
        self.assertEqual(self._target(theirs), 0)
