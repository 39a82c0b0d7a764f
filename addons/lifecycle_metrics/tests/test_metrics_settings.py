from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMetricsSettings(TransactionCase):
    """The block in the settings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.access = cls.env["lifecycle.metrics.access"]
        cls.access._withdraw_token()
        cls.access._set_networks("")

    def _save(self, networks):
        settings = self.env["res.config.settings"].create(
            {"metrics_networks": networks}
        )
        settings.execute()

    def test_networks_are_kept_as_they_will_be_shown(self):
        self._save(" 10.0.0.0/8\n192.0.2.7;::1")
        expected = "10.0.0.0/8, 192.0.2.7/32, ::1/128"
        self.assertEqual(self.access._parameter("lifecycle_metrics.networks"), expected)
        form = Form(self.env["res.config.settings"])
        self.assertEqual(form.metrics_networks, expected)
        self._save(False)
        self.assertFalse(self.access._parameter("lifecycle_metrics.networks"))

    def test_what_is_no_network_is_refused(self):
        for wrong in ("10.0.0.0/33", "shop.example.com", "10.0.0.1/8", "10.0.0"):
            with (
                self.subTest(networks=wrong),
                self.assertRaisesRegex(ValidationError, "metrics_networks: .*Allowed"),
            ):
                self._save(wrong)
        self.assertFalse(self.access._networks())

    def test_other_settings_leave_the_token_and_the_networks_alone(self):
        self._save("10.0.0.0/8")
        token = self.access._renew_token()
        self.env["res.config.settings"].create({}).execute()
        self.assertEqual(
            self.access._parameter("lifecycle_metrics.token_hash"),
            self.access._hash(token),
        )
        self.assertEqual(list(map(str, self.access._networks())), ["10.0.0.0/8"])

    def test_a_token_is_shown_once(self):
        settings = self.env["res.config.settings"].create({})
        self.assertFalse(settings.metrics_has_token)
        action = settings.action_renew_metrics_token()
        token = action["context"]["default_token"]
        self.assertGreaterEqual(len(token), 43)
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual(form.token, token)
        shown = self.env["res.config.settings"].create({})
        self.assertTrue(shown.metrics_has_token)
        self.assertNotIn(token, str(shown.read()))
        self.assertFalse(self.env["lifecycle.metrics.token"]._auto)
        settings.action_withdraw_metrics_token()
        self.assertFalse(self.access._has_any_token())

    def test_only_administrators_make_and_withdraw_tokens(self):
        token = self.access._renew_token()
        settings = self.env["res.config.settings"].create({})
        manager = "customer_lifecycle.group_lifecycle_manager"
        for groups in ("base.group_portal", manager):
            user = new_test_user(self.env, groups.split("_")[-1], groups)
            for action in ("renew", "withdraw"):
                method = f"action_{action}_metrics_token"
                with self.subTest(user=groups, method=method):
                    with self.assertRaises(AccessError):
                        getattr(settings.with_user(user), method)()
                    with self.assertRaises(AccessError):
                        getattr(settings.with_user(user).browse(), method)()
        self.assertEqual(
            self.access._parameter("lifecycle_metrics.token_hash"),
            self.access._hash(token),
        )
