import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ConcurrencyError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .web_push_common import ENDPOINT, Browser, WebPushCommon, text


@tagged("post_install", "-at_install")
class TestWebPushRoutes(WebPushCommon, HttpCase):
    """What a browser may tell the server, and whose browser it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_portal_user("push_portal")
        cls.other = cls._create_portal_user("push_other")
        cls.browser = Browser()

    def _call(self, name, **params):
        """Return (result, error message)."""
        with mute_logger("odoo.http"):
            answer = self.opener.post(
                f"{self.base_url()}/my/push/{name}",
                json={"jsonrpc": "2.0", "method": "call", "params": params},
                timeout=20,
            ).json()
        self.env.invalidate_all()
        error = answer.get("error", {})
        return answer.get("result"), error.get("data", {}).get("message")

    def _subscribe(self, browser=None, **values):
        browser = browser or self.browser
        return self._call(
            "subscribe",
            **{
                "endpoint": browser.endpoint,
                "keys": browser.keys,
                "vapid_public_key": self.vapid_key,
                **values,
            },
        )

    def _own(self, user=None):
        partner = (user or self.user).partner_id
        return self.devices.search([("partner_id", "=", partner.id)], order="id")

    def _words(self):
        rows = self.user.partner_id.consent_ids.sorted("id")
        return [(row.channel, row.status, row.source) for row in rows]

    def test_worker_of_the_portal(self):
        self.authenticate("push_portal", "push_portal")
        found = self.url_open("/my/push-worker.js")
        self.assertIn("notificationclick", found.text)
        self.assertIn("text/javascript", found.headers["Content-Type"])
        self.assertEqual(found.headers["Service-Worker-Allowed"], "/my")

    def test_who_is_not_logged_in_gets_nothing(self):
        self.authenticate(None, None)
        found = self.url_open("/my/push-worker.js", allow_redirects=False)
        self.assertEqual(found.status_code, 303)
        for name in ("state", "subscribe", "unsubscribe"):
            result, error = self._call(name, endpoint=ENDPOINT)
            self.assertFalse(result)
            self.assertIn("Session", error)

    def test_on_and_off(self):
        self.authenticate("push_portal", "push_portal")
        off = {"is_known": False, "is_agreed": False, "is_on": False}
        state, _error = self._call("state")
        self.assertEqual(state, {**off, "vapid_public_key": self.vapid_key})
        for _double_click in range(2):
            state, error = self._subscribe()
            self.assertFalse(error)
            on = {"is_known": True, "is_agreed": True, "is_on": True}
            self.assertEqual(state, on)
        device = self._own()
        self.assertEqual(device.endpoint, ENDPOINT)
        self.assertEqual(json.loads(device.keys), self.browser.keys)
        self.assertEqual(self._words(), [("push", "granted", "portal")])
        state, _error = self._call("state", endpoint=ENDPOINT)
        self.assertTrue(state["is_on"])
        for _double_click in range(2):
            self.assertEqual(self._call("unsubscribe", endpoint=ENDPOINT), (off, None))
        self.assertFalse(self._own())
        words = [("push", "granted", "portal"), ("push", "withdrawn", "portal")]
        self.assertEqual(self._words(), words)

    def test_the_last_browser_takes_the_consent_along(self):
        self.authenticate("push_portal", "push_portal")
        second = Browser("https://push.example.com/second")
        self._subscribe()
        self._subscribe(second)
        state, _error = self._call("unsubscribe", endpoint=ENDPOINT)
        self.assertEqual(state, {"is_known": False, "is_agreed": True, "is_on": False})
        state, _error = self._call("unsubscribe", endpoint=second.endpoint)
        self.assertFalse(state["is_agreed"])

    def test_a_known_browser_of_who_took_it_back_is_off(self):
        self.authenticate("push_portal", "push_portal")
        self._subscribe()
        later = fields.Datetime.now() + timedelta(minutes=1)
        self._say(self.user.partner_id, "withdrawn", "push", occurred_at=later)
        state, _error = self._call("state", endpoint=ENDPOINT)
        self.assertEqual((state["is_known"], state["is_on"]), (True, False))

    def test_nobody_takes_or_removes_the_browser_of_another(self):
        device = self._create_device(self.other.partner_id, self.browser)
        self._say(self.other.partner_id, "granted", "push")
        keys = device.keys
        self.authenticate("push_portal", "push_portal")
        for values in (
            {},
            {"endpoint": "https://push.example.com/new", "previous_endpoint": ENDPOINT},
        ):
            result, error = self._subscribe(Browser(), **values)
            self.assertFalse(result)
            self.assertRegex(error, "another account|no browser of yours")
        result, _error = self._call("unsubscribe", endpoint=ENDPOINT)
        self.assertFalse(result["is_known"])
        self.assertEqual(self._own(self.other), device)
        self.assertEqual((device.endpoint, device.keys), (ENDPOINT, keys))
        self.assertFalse(self._own())
        self.assertFalse(self._words())
        consent = self.service.get_consent(self.other.partner_id.id)
        self.assertEqual(consent["channels"]["push"], "granted")

    def test_a_browser_that_changed_its_address_moves(self):
        self.authenticate("push_portal", "push_portal")
        self._subscribe()
        later = fields.Datetime.now() + timedelta(minutes=1)
        self._say(self.user.partner_id, "withdrawn", "push", occurred_at=later)
        words = self._words()
        moved = Browser("https://push.example.com/moved")
        for before in (ENDPOINT, moved.endpoint):
            state, error = self._subscribe(moved, previous_endpoint=before)
            self.assertFalse(error)
            self.assertTrue(state["is_known"])
            self.assertEqual(self._own().endpoint, moved.endpoint)
        self.assertEqual(json.loads(self._own().keys), moved.keys)
        self.assertEqual(self._words(), words)

    def test_both_addresses_known_become_one(self):
        self.authenticate("push_portal", "push_portal")
        moved = Browser("https://push.example.com/moved")
        self._subscribe()
        self._subscribe(moved)
        _state, error = self._subscribe(moved, previous_endpoint=ENDPOINT)
        self.assertFalse(error)
        self.assertEqual(self._own().endpoint, moved.endpoint)

    def test_what_is_no_push_service_is_refused(self):
        self.authenticate("push_portal", "push_portal")
        for endpoint in (
            *(None, "", 7, ["https://push.example.com/1"], "https://", "nonsense"),
            *("http://push.example.com/1", "javascript:alert(1)", "//push.example.com"),
            *("https://localhost/1", "https://intranet/1", "https://db.internal/1"),
            *("https://127.0.0.1/1", "https://127.0.0.1./1", "https://2130706433/1"),
            *("https://[::1]/1", "https://0x7f.1/1", "https://push.example.com:8069/1"),
            *("https://me@push.example.com/1", "https://push.example.com:x/1"),
            *("https://push.example.com/ 1", "https://push.example.com\\@localhost/"),
            *("https://push.example.com/\r\nHost: x", "https://push.example.com/é"),
            "https://push.example.com/" + "x" * 2000,
        ):
            with self.subTest(endpoint=str(endpoint)[:60]):
                for result, error in (
                    self._subscribe(endpoint=endpoint),
                    self._call("unsubscribe", endpoint=endpoint),
                ):
                    self.assertFalse(result)
                    self.assertIn("endpoint: must be", error)
        self.assertFalse(self._own())

    def test_what_would_fail_at_every_message_is_refused(self):
        self.authenticate("push_portal", "push_portal")
        good = self.browser.keys
        for keys in (
            *(None, "", [], 7, {}, {"p256dh": good["p256dh"]}, {"auth": good["auth"]}),
            {**good, "p256dh": text(b"\4" + b"1" * 64)},
            {**good, "p256dh": text(self.browser.point[:33])},
            {**good, "p256dh": 7},
            {**good, "p256dh": None},
            {**good, "p256dh": "é"},
            {**good, "auth": text(b"short")},
            {**good, "auth": ["x"]},
        ):
            with self.subTest(keys=str(keys)[:60]):
                result, error = self._subscribe(keys=keys)
                self.assertFalse(result)
                self.assertIn("keys: must be", error)
        for key in (None, "other", 7):
            result, error = self._subscribe(vapid_public_key=key)
            self.assertIn("vapid_public_key: is not", error)
        self.assertFalse(self._own())
        self.assertFalse(self._words())

    def test_nothing_but_the_two_keys_is_kept(self):
        self.authenticate("push_portal", "push_portal")
        self._subscribe(
            keys={**self.browser.keys, "more": "x" * 9999}, expirationTime=17, more=1
        )
        self.assertEqual(json.loads(self._own().keys), self.browser.keys)

    def test_nobody_collects_browsers(self):
        self.authenticate("push_portal", "push_portal")
        for number in range(12):
            self._subscribe(Browser(f"https://push.example.com/{number}"))
        endpoints = [f"https://push.example.com/{number}" for number in range(2, 12)]
        self.assertEqual(self._own().mapped("endpoint"), endpoints)

    def test_the_loser_of_a_double_click_tries_again(self):
        partner = self.user.partner_id
        self._create_device(partner, self.browser)
        browsers = self.env["journey.push.browser"].with_user(self.user)
        values = (ENDPOINT, self.browser.keys, self.vapid_key)
        # As the loser sees it: the other request's row is not there yet.
        nothing = patch.object(
            type(self.devices), "search", lambda self, *_args, **_kwargs: self.browse()
        )
        refused = self.assertRaises(ConcurrencyError)
        with nothing, mute_logger("odoo.sql_db"), refused:
            browsers._subscribe(*values)
        self.assertTrue(browsers._subscribe(*values)["is_on"])
        self.assertEqual(len(self._own()), 1)
