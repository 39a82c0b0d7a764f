from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.customer_lifecycle.tests.public_methods import public_methods

ROLES = {
    "portal": "base.group_portal",
    "clerk": "base.group_user",
    "manager": "customer_lifecycle.group_lifecycle_manager",
    "admin": "base.group_system",
}
OPERATIONS = ("read", "write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestMetricsSecurity(TransactionCase):
    def test_nobody_opens_the_tables_of_the_counters(self):
        for role, groups in ROLES.items():
            env = self.env(user=new_test_user(self.env, f"metrics_{role}", groups))
            for model in ("lifecycle.metrics.departed", "lifecycle.metrics.cron"):
                for operation in OPERATIONS:
                    with self.subTest(role=role, model=model, operation=operation):
                        self.assertFalse(env[model].has_access(operation))

    def test_no_model_is_forgotten(self):
        names = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "lifecycle_metrics" and not model._abstract
        }
        expected = {"lifecycle.metrics.departed", "lifecycle.metrics.cron"}
        self.assertEqual(names, expected)

    def test_nothing_is_called_over_the_network_but_the_buttons(self):
        found = {
            name
            for model, name in public_methods(self.env, "lifecycle_metrics")
            if name != "init"
        }
        expected = {
            "set_values",
            "action_renew_metrics_token",
            "action_withdraw_metrics_token",
        }
        self.assertEqual(found, expected)
