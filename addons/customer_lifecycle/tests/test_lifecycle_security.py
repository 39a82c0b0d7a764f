from datetime import timedelta

from odoo import Command, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import _generate_routing_rules
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from .public_methods import call, needs_ids, public_methods

PREFIX = "customer_lifecycle"
SALES = "sales_team.group_sale_salesman"
MARKETER = "customer_lifecycle.group_lifecycle_user"
MANAGER = "customer_lifecycle.group_lifecycle_manager"
READ, ALL = "r", "rwcu"
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
# What the roles may do with our tables: salesperson, marketer, manager. Everybody
# else: nothing.
ACCESS = {
    "customer.lifecycle": (READ, READ, READ),
    "lifecycle.stage.history": (READ, READ, READ),
    "lifecycle.event": (READ, READ, READ),
    "lifecycle.event.retry": ("", READ, "rw"),
    "lifecycle.policy": ("", READ, "rw"),
    "lifecycle.daily.stat": ("", READ, READ),
    "lifecycle.cohort.stat": ("", READ, READ),
    "lifecycle.handle": ("", ALL, ALL),
    "lifecycle.set.stage": ("", ALL, ALL),
    "lifecycle.privacy": ("", "", ALL),
    "lifecycle.import": ("", "", ALL),
    "lifecycle.import.error": ("", "", "ru"),
    "lifecycle.import.row": ("", "", READ),
    "lifecycle.import.customer": ("", "", READ),
}
NOBODY = ("public", "portal", "employee")
APPEND_ONLY = {
    (model, method)
    for model in ("lifecycle.append.only", "lifecycle.event", "lifecycle.stage.history")
    for method in ("write", "unlink")
}
# Names of customers of the first company: nothing that holds them leaves it.
SECRETS = ("Vera Secret", "Sam Secret")


class SecurityCase:
    """Two companies; the first has customers, the second a marketer of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home, cls.elsewhere = cls.env["res.company"].create(
            [{"name": "Home Dairy"}, {"name": "Elsewhere Dairy"}]
        )
        home = cls.env.context | {"allowed_company_ids": cls.home.ids}
        cls.env = cls.env(context=home)
        cls.users = {
            "public": cls.env.ref("base.public_user"),
            "portal": cls._create_user("portal", cls.home, "base.group_portal"),
            "employee": cls._create_user("employee", cls.home),
            "salesperson": cls._create_user("salesperson", cls.home, SALES),
            "marketer": cls._create_user("marketer", cls.home, MARKETER),
            "manager": cls._create_user("manager", cls.home, MANAGER),
            "foreign_marketer": cls._create_user("f_marketer", cls.elsewhere, MARKETER),
            "foreign_manager": cls._create_user("f_manager", cls.elsewhere, MANAGER),
        }
        cls._create_customers()
        cls.records = cls._create_records()
        cls.env.flush_all()

    @classmethod
    def _create_user(cls, name, company, group="base.group_user"):
        return new_test_user(
            cls.env,
            login=f"sec_{name}",
            groups=group,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _create_customers(cls):
        partners = cls.env["res.partner"]
        cls.vera = partners.create({"name": SECRETS[0], "company_id": cls.home.id})
        # Belongs to no company, has ordered from the first one alone.
        cls.sam = partners.create({"name": SECRETS[1]})
        cls.orders = cls.env["sale.order"].create(
            [
                {"partner_id": partner.id, "company_id": cls.home.id}
                for partner in cls.vera | cls.sam
            ]
        )
        cls.orders.action_confirm()
        engine = cls.env["lifecycle.engine"]
        engine.backfill()
        engine._update_daily_statistics(engine._clock().now)

    @classmethod
    def _create_records(cls):
        """Return {model name: record of the first company}."""
        row = cls.env["customer.lifecycle"].search([("customer_id", "=", cls.vera.id)])
        row.update_stage("engaged", "manual")
        create = cls._create
        load = create("lifecycle.import", name="secret.csv", company_id=cls.home.id)
        line = {"import_id": load.id, "line": 1}
        purchase = {"customer": "1", "moment": "2026-01-01", "amount": 1, "key": "1"}
        event = cls.env["lifecycle.event"].search(
            [("customer_id", "=", cls.vera.id)], limit=1
        )
        create("lifecycle.event.retry", event_id=event.id, consumer="facts")
        create("lifecycle.import.error", **line, kind="error", reason=SECRETS[0])
        create("lifecycle.import.row", **line, **purchase, content=SECRETS[0])
        create(
            "lifecycle.import.customer",
            company_id=cls.home.id,
            key=SECRETS[0],
            partner_id=cls.vera.id,
        )
        create("lifecycle.handle", lifecycle_ids=[Command.set(row.ids)], days=9)
        create("lifecycle.set.stage", lifecycle_id=row.id, stage="churned")
        create("lifecycle.privacy", partner_id=cls.vera.id)
        return {model: cls._record(model) for model in ACCESS} | {
            "customer.lifecycle": row,
            "res.partner": cls.vera,
            "sale.order": cls.orders[0],
            "res.users": cls.env.ref("base.user_admin"),
            "res.company": cls.home,
            "res.config.settings": create("res.config.settings"),
        }

    @classmethod
    def _create(cls, model, **values):
        return cls.env[model].create(values)

    @classmethod
    def _record(cls, model):
        scope = {
            "lifecycle.import.error": [("import_id.company_id", "=", cls.home.id)],
            "lifecycle.import.row": [("import_id.company_id", "=", cls.home.id)],
            "lifecycle.handle": [],
            "lifecycle.set.stage": [],
            "lifecycle.privacy": [],
        }.get(model, [("company_id", "=", cls.home.id)])
        return cls.env[model].search(scope, order="id desc", limit=1)

    def _env(self, role, **context):
        return api.Environment(self.env.cr, self.users[role].id, context)

    def _digest(self):
        """Return what the tables of the first company hold."""
        self.env.flush_all()
        return {model: self._rows(model) for model in (*ACCESS, "sale.order")}

    def _rows(self, model):
        records = self.env[model].with_context(active_test=False)
        if "company_id" in records._fields and records._fields["company_id"].store:
            records = records.search([("company_id", "=", self.home.id)])
        else:
            records = self.records[model]
        query = f"SELECT t::text FROM {records._table} t WHERE id = ANY(%s) ORDER BY id"
        self.env.cr.execute(query, [records.ids])
        return self.env.cr.fetchall()


@tagged("post_install", "-at_install")
class TestAccessRights(SecurityCase, TransactionCase):
    def _granted(self, role, model):
        records = self._env(role)[model]
        return "".join(
            letter
            for letter, operation in OPERATIONS.items()
            if records.has_access(operation)
        )

    def test_every_model_of_ours_is_in_the_table(self):
        models = {
            name
            for name, registered in self.env.registry.items()
            if registered._original_module.startswith(PREFIX)
            and not registered._abstract
        }
        self.assertEqual(models, set(ACCESS))

    def test_each_role_may_do_what_the_table_says(self):
        for model, granted in ACCESS.items():
            roles = ("salesperson", "marketer", "manager")
            expected = dict(zip(roles, granted, strict=True))
            found = {role: self._granted(role, model) for role in roles}
            with self.subTest(model=model):
                self.assertEqual(found, expected)

    def test_everybody_else_may_do_nothing(self):
        for model in ACCESS:
            for role in NOBODY:
                with self.subTest(model=model, role=role):
                    self.assertEqual(self._granted(role, model), "")

    def test_standard_methods_give_nobody_anything(self):
        calls = {
            "search_read": ([],),
            "web_search_read": ([], {"id": {}}),
            "formatted_read_group": ([],),
            "name_search": (),
            "search_count": ([],),
        }
        for model in ACCESS:
            for method, args in calls.items():
                for role in NOBODY:
                    records = self._env(role)[model].browse(self.records[model].ids)
                    with self.subTest(model=model, method=method, role=role):
                        self.assertRaises(AccessError, getattr(records, method), *args)

    def test_another_company_sees_no_record(self):
        for model, record in self.records.items():
            if model not in ACCESS or record.is_transient():
                continue
            for role in ("foreign_marketer", "foreign_manager"):
                foreign = self._env(role)[model]
                with self.subTest(model=model, role=role):
                    if foreign.has_access("read"):
                        self.assertNotIn(record, foreign.search([]))
                    with self.assertRaises(AccessError):
                        foreign.browse(record.id).read(["display_name"])

    def test_another_company_changes_no_record(self):
        manager = self._env("foreign_manager")
        for model in ("lifecycle.policy", "lifecycle.event.retry", "lifecycle.import"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                manager[model].browse(self.records[model].id).write({})

    def test_a_dialog_belongs_to_who_opened_it(self):
        for model in ("lifecycle.handle", "lifecycle.set.stage"):
            dialog = self._env("marketer")[model].browse(self.records[model].id)
            with self.subTest(model=model), self.assertRaises(AccessError):
                dialog.read(["note"])

    def test_a_dialog_does_not_reach_into_another_company(self):
        foreign = self._env("foreign_marketer")
        row = self.records["customer.lifecycle"]
        dialogs = {
            "lifecycle.handle": {"lifecycle_ids": [Command.set(row.ids)], "days": 9},
            "lifecycle.set.stage": {"lifecycle_id": row.id, "stage": "churned"},
        }
        for model, values in dialogs.items():
            with self.subTest(model=model), self.assertRaises(AccessError):
                foreign[model].create(values).action_apply()

    def test_who_works_in_both_companies_sees_the_chosen_one(self):
        both = self.home | self.elsewhere
        self.users["marketer"].company_ids = [Command.set(both.ids)]
        engine = self._env("marketer", allowed_company_ids=self.elsewhere.ids)[
            "lifecycle.engine"
        ]
        self.assertEqual(sum(engine.get_stage_counts().values()), 0)
        engine = engine.with_context(allowed_company_ids=both.ids)
        known = {row["customer_name"] for row in engine.get_customers()}
        self.assertLessEqual(set(SECRETS), known)

    def test_birthdays_are_for_colleagues(self):
        for role in ("public", "portal"):
            own = self._env(role)["res.partner"].browse(self.users[role].partner_id.id)
            with self.subTest(role=role):
                self.assertNotIn("birthday", own.fields_get())
                for field in ("birthday", "lifecycle_id", "lifecycle_stage"):
                    self.assertRaises(AccessError, own.read, [field])
                    self.assertRaises(AccessError, own.search, [(field, "!=", False)])
        colleague = self._env("employee")["res.partner"].browse(self.vera.id)
        self.assertTrue(colleague.read(["birthday"]))

    def test_a_salesperson_sees_the_stage_card_alone(self):
        engine = self._env("salesperson")["lifecycle.engine"]
        self.assertEqual(engine.explain(self.vera.id)["customer_id"], self.vera.id)
        self.assertTrue(engine.get_timeline(self.vera.id))
        self.assertTrue(engine.calculate_engagement_score(self.vera.id))
        for method in ("get_dashboard", "get_customers", "get_stage_counts"):
            self.assertRaises(AccessError, getattr(engine, method))

    def test_a_marketer_without_other_roles_plans_a_call(self):
        row = self._own_row("marketer")
        action = row.action_schedule_call()
        wizard = (
            row.env[action["res_model"]].with_context(**action["context"]).create({})
        )
        wizard.activity_user_id = self.users["salesperson"]
        wizard.action_schedule_activities()
        activity = self.vera.activity_ids
        self.assertEqual(activity.user_id, self.users["salesperson"])
        self.assertIn("Call: no order for", activity.summary)

    def test_a_marketer_without_other_roles_takes_a_note(self):
        row = self._own_row("marketer")
        action = row.action_log_note()
        composer = row.env[action["res_model"]].with_context(**action["context"])
        composer.create({"body": "Rang twice"}).action_send_mail()
        self.assertIn("Rang twice", self.vera.message_ids[0].body)

    def test_a_marketer_writes_on_no_other_contacts(self):
        supplier = self.env["res.partner"].create({"name": "Supplier"})
        marketer = self._env("marketer")["res.partner"]
        with self.assertRaises(AccessError):
            marketer.browse(supplier.id).message_post(body="Hello")
        with self.assertRaises(AccessError):
            marketer.browse(self.vera.id).write({"name": "Vera Known"})

    def _own_row(self, role):
        row = self.records["customer.lifecycle"]
        return self._env(role)[row._name].browse(row.id)

    def test_who_set_a_stage_cannot_be_forged(self):
        row = self._own_row("marketer")
        row.update_stage("active", "manual", {"user_id": 1, "note": "It was not me"})
        details = row.stage_history_ids.sorted("id")[-1].trigger_details
        self.assertEqual(details["user_id"], self.users["marketer"].id)


@tagged("post_install", "-at_install")
class TestPublicMethods(SecurityCase, TransactionCase):
    """Every public method of ours, called by whom it is none of their business."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.methods = list(public_methods(cls.env, PREFIX))
        cls.samples = {
            "customer_id": cls.vera.id,
            "customer_ids": cls.vera.ids,
            "new_stage": "churned",
            "values": {"churn_days": 365},
            "date_from": "2040-06-01",
            "date_to": "2040-06-02",
            "vals": {},
            "vals_list": [{}],
        }

    def _call(self, role, model, method, samples=None, **context):
        samples = self.samples | (samples or {})
        ids = self.records[model].ids if model in self.records else [1]
        return call(self._env(role), model, method, ids, samples, context)

    def _check_refused(self, role, model, method, **context):
        said = self.subTest(role=role, model=model, method=method)
        with said, self.assertRaises(self._refusal(model, method)):
            self._call(role, model, method, **context)

    def _refusal(self, model, method):
        # Of bridges' models there may be no record to ask for: it is missing, then.
        theirs = model not in self.records and not self.env[model]._abstract
        return UserError if theirs or (model, method) in APPEND_ONLY else AccessError

    def test_the_methods_of_the_contract_are_found(self):
        found = {
            method for model, method in self.methods if model == "lifecycle.engine"
        }
        self.assertEqual(
            found,
            {
                "backfill",
                "calculate_engagement_score",
                "check_integrity",
                "erase_customer",
                "evaluate_all_customers",
                "evaluate_customers",
                "explain",
                "get_bounds",
                "get_customers",
                "get_dashboard",
                "get_personal_data",
                "get_stage_counts",
                "get_timeline",
                "preview_policy",
            },
        )
        self.assertIn(("customer.lifecycle", "update_stage"), self.methods)
        self.assertIn(("lifecycle.set.stage", "action_apply"), self.methods)

    def test_nobody_without_a_role_may_call_any(self):
        for role in NOBODY:
            for model, method in self.methods:
                self._check_refused(role, model, method)

    def test_another_company_calls_none_on_our_records(self):
        before = self._digest()
        for role in ("foreign_marketer", "foreign_manager"):
            for model, method in self.methods:
                if (
                    needs_ids(self.env, model, method)
                    and model != "res.config.settings"
                ):
                    self._check_refused(role, model, method)
        self.assertEqual(self._digest(), before)

    def test_another_company_learns_and_changes_nothing(self):
        before = self._digest()
        for role in ("foreign_marketer", "foreign_manager"):
            for model, method in self.methods:
                for customer in (self.vera, self.sam):
                    with self.subTest(role=role, model=model, method=method):
                        self._check_harmless(role, model, method, customer)
        self.assertEqual(self._digest(), before)

    def _check_harmless(self, role, model, method, customer):
        samples = {"customer_id": customer.id, "customer_ids": customer.ids}
        try:
            with self.env.cr.savepoint():
                result = repr(self._call(role, model, method, samples))
        except UserError:
            return
        for secret in SECRETS:
            self.assertNotIn(secret, result)

    def test_a_stranger_to_a_company_cannot_choose_it(self):
        for model, method in self.methods:
            self._check_refused(
                "foreign_manager", model, method, allowed_company_ids=self.home.ids
            )

    def test_a_customer_shared_by_companies_has_no_past_in_the_other(self):
        engine = self._env("foreign_marketer")["lifecycle.engine"]
        self.assertEqual(engine.explain(self.sam.id), {})
        self.assertEqual(engine.get_timeline(self.sam.id), [])
        self.assertEqual(engine.calculate_engagement_score(self.sam.id), 50)
        self.assertEqual(engine.evaluate_customers(self.sam.ids), 0)

    def test_nobody_writes_the_history_of_tomorrow(self):
        later = fields.Datetime.now() + timedelta(days=2)
        for role in ("marketer", "manager"):
            engine = self._env(role)["lifecycle.engine"]
            for moment in (later, later.isoformat()):
                with self.assertRaisesRegex(ValidationError, "now.*future"):
                    engine.evaluate_all_customers(moment)
                with self.assertRaisesRegex(ValidationError, "now.*future"):
                    engine.evaluate_customers(self.sam.ids, moment)


@tagged("post_install", "-at_install")
class TestRoutes(SecurityCase, HttpCase):
    """Every route of ours: who may, and that looking changes nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        installed = [m for m in cls.env.registry._init_modules if m.startswith(PREFIX)]
        cls.routes = [
            (url.replace("<string:file_format>", "csv"), endpoint)
            for url, endpoint in _generate_routing_rules(installed, nodb_only=False)
            if endpoint.func.__module__.startswith(f"odoo.addons.{PREFIX}")
        ]

    def _open(self, role, url):
        if role:
            self.authenticate(f"sec_{role}", f"sec_{role}")
        return self.url_open(url, allow_redirects=False)

    def test_the_routes_are_found_and_only_read(self):
        self.assertTrue(self.routes)
        for url, endpoint in self.routes:
            with self.subTest(url=url):
                self.assertNotIn("<", url, "fill in this parameter")
                self.assertEqual(endpoint.routing["methods"], ["GET"])
                self.assertTrue(endpoint.routing["readonly"])

    def test_a_visitor_is_sent_to_the_login(self):
        for url, _endpoint in self.routes:
            response = self._open(None, url)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])

    def test_nobody_without_a_role_gets_a_page(self):
        for role in ("portal", "employee", "salesperson", "marketer"):
            for url, _endpoint in self.routes:
                with self.subTest(role=role, url=url):
                    self.assertEqual(self._open(role, url).status_code, 403)

    def test_another_company_gets_its_own_figures_only(self):
        before = self._digest()
        for url, _endpoint in self.routes:
            own = self._open("f_manager", url)
            self.assertEqual(own.status_code, 200)
            for secret in SECRETS:
                self.assertNotIn(secret, own.text)
            chosen = self._open("f_manager", f"{url}?companies={self.home.id}")
            self.assertEqual(chosen.status_code, 403)
        self.assertEqual(self._digest(), before)

    def test_looking_changes_nothing(self):
        before = self._digest()
        for url, _endpoint in self.routes:
            self.assertEqual(self._open("manager", url).status_code, 200)
        self.assertEqual(self._digest(), before)
