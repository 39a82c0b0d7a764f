from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.customer_lifecycle.tests.public_methods import (
    call,
    public_methods,
)

from .common import JourneyCommon

ROLES = {
    "portal": "base.group_portal",
    "clerk": "base.group_user",
    "salesperson": "sales_team.group_sale_salesman",
    "marketer": "customer_lifecycle.group_lifecycle_user",
    "manager": "customer_lifecycle.group_lifecycle_manager",
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
# What salesperson, marketer and manager may do; everybody else: nothing.
ACCESS = {
    "journey.delivery": ("r", "r", "r"),
    "journey.delivery.summary": ("", "r", "r"),
    "journey.version": ("", "r", "r"),
    "journey.slot": ("", "r", "r"),
    "journey.guard": ("", "", ""),
    "journey.offer": ("", "r", "rwcu"),
    "journey.dry.run": ("", "rwcu", "rwcu"),
    "journey.dry.run.line": ("", "rwcu", "rwcu"),
    "journey.test.run": ("", "rwcu", "rwcu"),
    "journey.test.run.line": ("", "rwcu", "rwcu"),
}
# Arguments of public methods that have no default.
SAMPLES = {
    "vals": {},
    "vals_list": [{}],
    "code": "none",
    "values": {},
    "field_names": [],
    "domain": [],
}
# They answer with an action, no data of anybody's: what it opens has its own rules.
HARMLESS = {"action_deliveries", "action_test_run"}


@tagged("post_install", "-at_install")
class TestJourneySecurity(JourneyCommon):
    def _as(self, role, company=None):
        company = company or self.shop
        user = self._user_of(company, f"{role}{next(self.numbers)}", ROLES[role])
        return self.env(user=user, context={"allowed_company_ids": company.ids})

    def test_every_model_is_open_to_whom_it_should_be(self):
        for number, role in enumerate(ROLES):
            env = self._as(role)
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
            if model._original_module == "journey_engine" and not model._abstract
        }
        self.assertEqual(names, set(ACCESS))

    def test_another_company_sees_nothing(self):
        run = self._enrol(self._journey(), self._member())
        self._process()
        other = self._as("manager", self._create_company())
        mine = self._as("manager")
        self.assertTrue(
            mine["journey.delivery"].browse(run.delivery_ids.ids).reason is not None
        )
        for name, records in (
            ("journey.delivery", run.delivery_ids),
            ("journey.version", run.version_id),
        ):
            self.assertTrue(mine[name].search([("id", "in", records.ids)]))
            self.assertFalse(other[name].search([("id", "in", records.ids)]))
            with self.assertRaises(AccessError):
                other[name].browse(records.ids).read()

    def test_public_methods_refuse_portal_users_and_other_companies(self):
        journey = self._journey()
        run = self._enrol(journey, self._member())
        self._process()
        offer = self.env["journey.offer"].create(
            {
                "name": "x",
                "offer_type": "discount_percent",
                "value": 5,
                "company_id": self.shop.id,
            }
        )
        records = {
            "test.journey": journey,
            "test.journey.run": run,
            "test.journey.step": journey.step_ids,
            "journey.delivery": run.delivery_ids,
            "journey.offer": offer,
        }
        users = {role: self._as(role) for role in ("portal", "clerk")}
        users["foreign manager"] = self._as("manager", self._create_company())
        asked = 0
        for model, method in self._methods_of(records):
            for role, env in users.items():
                if method == "create" and role == "foreign manager":
                    continue  # may create, but not for others: see below
                with (
                    self.subTest(model=model, method=method, role=role),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    call(env, model, method, records[model].ids, SAMPLES)
                    self.env.flush_all()
                asked += 1
        self.assertGreater(asked, 10)

    def _methods_of(self, records):
        """Yield (model, method) of what has data to guard."""
        for model, method in public_methods(self.env, "journey_engine"):
            if model in records and method not in HARMLESS:
                yield model, method

    def test_nobody_adds_to_what_belongs_to_another_company(self):
        env = self._as("manager", self._create_company())
        journey = self._journey()
        for model, values in (
            ("test.journey.step", {"name": "x", "definition_id": journey.id}),
            ("test.journey", {"name": "x", "code": "x", "company_id": self.shop.id}),
            ("journey.offer", {"name": "x", "value": 5, "company_id": self.shop.id}),
        ):
            with (
                self.subTest(model=model),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                env[model].create(values)
                env.flush_all()

    def test_nobody_hands_a_journey_over_to_another_company(self):
        env = self._as("manager")
        journey = self._journey(start=False).with_env(env)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            journey.company_id = self._create_company()
        self.env.invalidate_all()
        self.assertEqual(journey.company_id, self.shop)

    def test_the_scheduler_cannot_be_called_from_outside(self):
        models = {model for model, _name in public_methods(self.env, "journey_engine")}
        self.assertFalse(
            models & {"journey.scheduler", "journey.channel", "journey.push"}
        )
