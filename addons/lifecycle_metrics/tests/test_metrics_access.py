from unittest.mock import patch

from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import config

from ..controllers.metrics import MetricsController
from .common import Figures


@tagged("post_install", "-at_install")
class TestMetricsAccess(HttpCase):
    """Who may read the page, over real HTTP from 127.0.0.1."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.access = cls.env["lifecycle.metrics.access"]
        cls.access._withdraw_token()
        cls.access._set_networks("")

    def _get(self, token=None, method="get", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        address = f"{self.base_url()}/metrics"
        return getattr(self.opener, method)(address, headers=headers, timeout=30)

    def _status(self, *args, **kwargs):
        answer = self._get(*args, **kwargs)
        if answer.status_code != 200:
            self.assertNotIn("lifecycle_", answer.text)
        return answer.status_code

    def test_as_long_as_nothing_is_set_nobody_reads(self):
        for token in (None, "", "False", "None", self.access._hash("")):
            with self.subTest(token=token):
                self.assertEqual(self._status(token), 404)

    def test_the_token_opens_and_nothing_like_it(self):
        token = self.access._renew_token()
        answer = self._get(token)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("lifecycle_customers", Figures(answer.text).families)
        known = self.access._parameter("lifecycle_metrics.token_hash")
        for wrong in (None, "", token[:-1], token + "x", token.upper(), known, "é"):
            with self.subTest(token=wrong):
                self.assertEqual(self._status(wrong), 401)

    def test_a_refusal_says_how_to_ask(self):
        self.access._renew_token()
        answer = self._get("wrong")
        self.assertEqual(answer.headers["WWW-Authenticate"], 'Bearer realm="metrics"')
        self.assertIn("Authorization: Bearer", answer.text)

    def test_the_token_comes_by_its_header_only(self):
        token = self.access._renew_token()
        for header in (token, f"Basic {token}", f"Bearer{token}", "Bearer"):
            with self.subTest(header=header):
                self.assertEqual(self._status(Authorization=header), 401)
        self.assertEqual(self._get(Authorization=f"bearer  {token}").status_code, 200)
        self.assertEqual(self.url_open(f"/metrics?token={token}").status_code, 401)

    def test_a_new_token_ends_the_former_and_withdrawing_ends_it(self):
        former, token = self.access._renew_token(), self.access._renew_token()
        self.assertEqual(self._status(former), 401)
        self.assertEqual(self._status(token), 200)
        self.access._withdraw_token()
        self.assertEqual(self._status(token), 404)

    def test_a_known_network_reads_without_a_token(self):
        for networks, status in (
            ("127.0.0.1", 200),
            ("10.0.0.0/8, 127.0.0.0/8", 200),
            ("10.0.0.0/8", 403),
            ("127.0.0.2/32\n::1", 403),
        ):
            with self.subTest(networks=networks):
                self.access._set_networks(networks)
                self.assertEqual(self._status(), status)

    def test_elsewhere_the_token_still_opens(self):
        self.access._set_networks("10.0.0.0/8")
        token = self.access._renew_token()
        self.assertEqual(self._status(), 401)
        self.assertEqual(self._status(token), 200)

    def test_a_spoiled_setting_opens_nothing(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("lifecycle_metrics.networks", "anything, 127.0.0.1")
        with self.assertLogs("odoo.addons.lifecycle_metrics", "WARNING"):
            self.assertEqual(self._status(), 404)

    def test_behind_a_proxy_the_address_is_the_one_it_tells(self):
        self.access._set_networks("192.0.2.0/24")
        told = {"X_Forwarded_For": "192.0.2.7", "X_Forwarded_Host": "shop.example.com"}
        # Anybody can send these headers.
        self.assertEqual(self._status(**told), 403)
        with patch.dict(config.options, {"proxy_mode": True}):
            self.assertEqual(self._status(**told), 200)
            self.assertEqual(
                self._status(**{**told, "X_Forwarded_For": "10.1.1.1"}), 403
            )

    def test_a_proxy_that_is_not_known_lends_its_address_to_nobody(self):
        self.access._set_networks("127.0.0.1")
        self.assertEqual(self._status(X_Forwarded_For="203.0.113.9"), 403)
        self.assertEqual(self._status(Forwarded="for=203.0.113.9"), 403)
        with patch.dict(config.options, {"proxy_mode": True}):
            self.assertEqual(self._status(X_Forwarded_For="203.0.113.9"), 403)

    def test_being_logged_in_opens_nothing(self):
        new_test_user(self.env, "metrics_portal", "base.group_portal")
        for login in ("metrics_portal", "admin"):
            self.access._withdraw_token()
            self.authenticate(login, login)
            with self.subTest(login=login):
                self.assertEqual(self._status(), 404)
                self.access._renew_token()
                self.assertEqual(self._status(), 401)

    def test_no_session_is_begun(self):
        token = self.access._renew_token()
        self.opener.cookies.clear()
        for answer in (self._get(token), self._get("wrong")):
            self.assertNotIn("Set-Cookie", answer.headers)
            self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_no_replica_is_asked(self):
        # One that lags behind the last one asked would make counters fall.
        routing = MetricsController.metrics.original_routing
        self.assertIs(routing["readonly"], False)

    def test_the_page_is_read_only(self):
        token = self.access._renew_token()
        self.assertEqual(self._get(token, "post").status_code, 405)
        self.assertEqual(self._get(token, "head").status_code, 200)

    def test_the_token_is_neither_kept_nor_logged(self):
        with self.assertLogs("odoo", "DEBUG") as logs, self.assertLogs(level="DEBUG"):
            token = self.access._renew_token()
            self.assertEqual(self._status(token), 200)
            self.assertEqual(self._status("secret-but-wrong"), 401)
        text = "\n".join(logs.output)
        self.assertIn("may not read the metrics", text)
        self.assertNotIn(token, text)
        self.assertNotIn("secret-but-wrong", text)
        kept = self.env["ir.config_parameter"].search([]).mapped("value")
        self.assertFalse([value for value in kept if token in value])

    def test_hashes_are_compared_in_constant_time(self):
        token = self.access._renew_token()
        target = "odoo.addons.lifecycle_metrics.models.lifecycle_metrics_access"
        with patch(f"{target}.consteq", return_value=False) as compared:
            self.assertEqual(self._status(token), 401)
        (first, second), _options = compared.call_args
        self.assertEqual(len(first), len(second))

    def test_the_scraper_chooses_the_format(self):
        token = self.access._renew_token()
        answer = self._get(token, Accept="application/openmetrics-text; version=1.0.0")
        self.assertIn("application/openmetrics-text", answer.headers["Content-Type"])
        opened = {family.name for family in parse_openmetrics(answer.text)}
        answer = self._get(token)
        self.assertIn("text/plain; version=0.0.4", answer.headers["Content-Type"])
        # The older parser calls counters as the newer one does.
        self.assertEqual(opened, set(Figures(answer.text).families))
