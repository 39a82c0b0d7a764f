from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

from odoo.addons.customer_lifecycle.tests.public_methods import (
    call,
    needs_ids,
    public_methods,
)

from .common import NOON, PreferenceCommon

SALES = "sales_team.group_sale_salesman"
MARKETER = "customer_lifecycle.group_lifecycle_user"
MANAGER = "customer_lifecycle.group_lifecycle_manager"
ROLES = {
    "portal": "base.group_portal",
    "clerk": "base.group_user",
    "salesperson": SALES,
    "marketer": MARKETER,
    "manager": MANAGER,
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
READ, ALL = "r", "rwcu"
# What salesperson, marketer and manager may do; everybody else: nothing.
ACCESS = {
    # Links of old messages name topics: they are archived, not deleted.
    "contact.topic": (READ, READ, "rwc"),
    "contact.merged": ("", "", READ),
    "customer.preference": (READ, READ, READ),
    "customer.consent": (READ, READ, READ),
    "contact.frequency.cap": ("", READ, ALL),
    "contact.log": ("", READ, READ),
    "contact.suppression": ("", "", READ),
}
SERVICE = "customer.preference.service"


@tagged("post_install", "-at_install")
class TestAccess(TransactionCase):
    def test_every_model_is_open_to_whom_it_should_be(self):
        expected = {"portal": {}, "clerk": {}}
        for number, role in enumerate(("salesperson", "marketer", "manager")):
            expected[role] = {name: row[number] for name, row in ACCESS.items()}
        for role, groups in ROLES.items():
            env = self.env(user=new_test_user(self.env, f"access_{role}", groups))
            for name in ACCESS:
                found = "".join(
                    letter
                    for letter, operation in OPERATIONS.items()
                    if env[name].has_access(operation)
                )
                with self.subTest(role=role, model=name):
                    self.assertEqual(found, expected[role].get(name, ""))

    def test_no_model_of_ours_is_forgotten(self):
        names = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "customer_preference"
            and not model._abstract
            and not model._transient
        }
        self.assertEqual(names, set(ACCESS))


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestPublicMethods(PreferenceCommon):
    """Every method anybody can call over the network, as everybody who should not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls._person()
        cls.service.set_preference(cls.person.id, "shopping", "secret", "Zyx")
        home = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.users = {
            role: new_test_user(
                cls.env,
                f"public_{role}",
                groups,
                company_id=home.id,
                company_ids=[Command.set(home.ids)],
            )
            for role, groups in ROLES.items()
        }
        cls.methods = list(public_methods(cls.env, "customer_preference"))

    def _samples(self):
        return {
            "customer_id": self.person.id,
            "preference_type": "shopping",
            "preference_key": "secret",
            "preference_value": "stolen",
            "preferences": {"shopping": {"secret": "stolen"}},
            "channel": "email",
            "status": "withdrawn",
        }

    def _call(self, role, model, method):
        env = self.env(user=self.users[role], context={})
        ids = [1] if needs_ids(env, model, method) else None
        return call(env, model, method, ids, self._samples())

    def test_the_list_knows_the_methods_of_the_contract(self):
        found = {method for model, method in self.methods if model == SERVICE}
        self.assertEqual(
            found,
            {
                "get_preferences",
                "set_preference",
                "bulk_update",
                "delete_preference",
                "delete_all",
                "record_consent",
                "get_consent",
                "is_quiet_hours_active",
                "can_contact",
            },
        )
        self.assertNotIn(("contact.policy", "decide"), self.methods)

    def test_strangers_are_refused(self):
        for role in ("portal", "clerk", "salesperson"):
            for model, method in self.methods:
                if model != SERVICE:
                    continue
                with (
                    self.subTest(role=role, method=method),
                    self.assertRaises(AccessError),
                    self.env.cr.savepoint(),
                ):
                    self._call(role, model, method)
        self.assertEqual(len(self.person.consent_ids), 3)

    def test_another_company_sees_nothing_of_its_neighbour_s_customers(self):
        self.person.company_id = self.shop
        for role in ("marketer", "manager"):
            for model, method in self.methods:
                if model != SERVICE:
                    continue
                with (
                    self.subTest(role=role, method=method),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    self._call(role, model, method)
            env = self.env(user=self.users[role], context={})
            for name in ("customer.consent", "customer.preference", "contact.log"):
                domain = [("customer_id", "=", self.person.id)]
                self.assertFalse(env[name].search(domain))

    def test_a_shared_customer_s_consent_stays_with_the_company(self):
        env = self.env(user=self.users["marketer"], context={})
        found = env[SERVICE].get_consent(self.person.id)
        self.assertEqual(set(found["channels"].values()), {False})
