import base64
import json
import os
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

from .web_push_common import ENDPOINT, Browser, WebPushCommon

PICTURES = os.environ.get("LIFECYCLE_SCREENSHOTS")
# Waits until the page has settled, then refuses what spills over the right edge.
LOOK = """
setTimeout(() => {
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) {
        console.error(`spills over: ${page.scrollWidth} > ${page.clientWidth}`);
    } else {
        document.querySelector(".o_journey_push").scrollIntoView({block: "center"});
        console.log("test successful");
    }
}, 1500);
"""
START_WORKER = """
(async () => {
    await navigator.serviceWorker.register("/my/push-worker.js", {scope: "/my"});
    await navigator.serviceWorker.ready;
    console.log("test successful");
})();
"""
NOTIFICATIONS = """
(async () => {
    const {ready} = navigator.serviceWorker;
    for (let turn = 0; turn < 50; turn++) {
        const found = await (await ready).getNotifications();
        if (found.length) {
            return found.map(({title, body, tag, icon, data}) =>
                ({title, body, tag, icon, data}));
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return [];
})()
"""
# The worker's own code, run in the page with everything around it made up.
CLICKS = """
(async () => {
    const source = await (await fetch("/my/push-worker.js")).text();
    const calls = [], handlers = {};
    const windows = [{
        url: location.origin + "/my/orders",
        focus: () => calls.push("focus"),
    }];
    const self = {
        location,
        addEventListener: (name, handler) => (handlers[name] = handler),
        clients: {
            matchAll: async () => windows,
            openWindow: (href) => calls.push(href.replace(location.origin, "")),
        },
    };
    new Function("self", source)(self);
    for (const data of %s) {
        let done;
        handlers.notificationclick({
            notification: {data, close: () => null},
            waitUntil: (promise) => (done = promise),
        });
        await done;
    }
    return calls;
})()
"""


@tagged("post_install", "-at_install")
class TestWebPushBrowser(WebPushCommon, HttpCase):
    """The card and the worker, in a browser."""

    browser_size = "1400x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_portal_user("push_portal")

    def _browse(self, code, before=None, after=None):
        """Run code on the page; ``after`` gets the browser before it is closed."""
        navigate, stop = ChromeBrowser.navigate_to, ChromeBrowser.stop

        def go(browser, *args, **kwargs):
            if before and self.base_url() in args[0]:
                before(browser)
            return navigate(browser, *args, **kwargs)

        def leave(browser):
            if after:
                after(browser)
            return stop(browser)

        with (
            patch.object(ChromeBrowser, "navigate_to", go),
            patch.object(ChromeBrowser, "stop", leave),
        ):
            self.browser_js(
                "/my/preferences",
                code,
                ready="!!document.querySelector('.o_journey_push')",
                login="push_portal",
            )

    def _allow(self, browser, setting="granted"):
        values = {
            "permission": {"name": "notifications"},
            "setting": setting,
            "origin": self.base_url(),
        }
        browser._websocket_request("Browser.setPermission", params=values)

    def _forbid(self, browser):
        self._allow(browser, "denied")

    def _evaluate(self, browser, expression):
        values = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        found = browser._websocket_request("Runtime.evaluate", params=values)
        return found["result"].get("value", found)

    def _picture(self, name):
        def take(browser):
            shot = browser._websocket_request("Page.captureScreenshot")["data"]
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            (Path(PICTURES) / f"{name}.png").write_bytes(base64.b64decode(shot))

        return take if PICTURES else None

    def _device(self):
        return self.devices.search([("partner_id", "=", self.user.partner_id.id)])

    def _word(self):
        self.env.invalidate_all()
        consent = self.service.get_consent(self.user.partner_id.id)
        return consent["channels"]["push"]

    def test_the_person_switches_on_and_off(self):
        self.start_tour("/my/preferences", "journey_push_on", login="push_portal")
        self.assertEqual(self._device().endpoint, ENDPOINT)
        self.assertEqual(self._word(), "granted")
        self.start_tour("/my/preferences", "journey_push_off", login="push_portal")
        self.assertFalse(self._device())
        self.assertEqual(self._word(), "withdrawn")

    def test_an_old_browser_says_so(self):
        name = "journey_push_unsupported"
        self.start_tour("/my/preferences", name, login="push_portal")

    def test_the_page_says_why_it_did_not_work(self):
        other = self._create_portal_user("push_other")
        self._create_device(other.partner_id, Browser())
        self.start_tour("/my/preferences", "journey_push_refused", login="push_portal")
        self.assertFalse(self._device())
        self.assertFalse(self._word())

    def test_the_card_fits_the_window(self):
        self._browse(LOOK, self._allow, self._picture("push-card"))
        self._browse(LOOK, self._forbid, self._picture("push-card-blocked"))

    def test_the_worker_shows_a_real_message(self):
        self._create_device(self.user.partner_id, Browser())
        self.push._push([self._message(self.user.partner_id)])
        payload = self.env["mail.push"].sudo().search([]).payload
        found = []

        def deliver(browser):
            known = []
            name = "ServiceWorker.workerRegistrationUpdated"
            browser._handlers[name] = lambda **found: known.extend(*found.values())
            browser._websocket_request("ServiceWorker.enable")
            self._evaluate(browser, "new Promise((done) => setTimeout(done, 500))")
            values = {
                "origin": self.base_url(),
                "registrationId": known[-1]["registrationId"],
                "data": payload,
            }
            browser._websocket_request(
                "ServiceWorker.deliverPushMessage", params=values
            )
            found.extend(self._evaluate(browser, NOTIFICATIONS))

        self._browse(START_WORKER, self._allow, deliver)
        (shown,) = found
        self.assertEqual(shown["title"], "Fresh milk")
        self.assertEqual(shown["body"], "Tomorrow at 7 at your door")
        self.assertEqual(shown["tag"], "journey-7")
        self.assertIn(f"/logo.png?company={self.shop.id}", shown["icon"])
        self.assertEqual(shown["data"]["url"], "/r/abc")

    def test_a_click_leads_nowhere_else(self):
        document = {"model": "sale.order", "res_id": 7}
        clicks = {
            "/my/orders": "focus",
            "/r/abc": "/r/abc",
            f"{self.base_url()}/r/abc": "/r/abc",
            "https://evil.example/": "/my",
            "//evil.example/": "/my",
            "javascript:alert(1)": "/my",
            "https://": "/my",
        }
        data = [
            *({"url": url} for url in clicks),
            {"url": False, **document},
            document,
            {"model": "x&y=z", "res_id": "1"},
            {},
            None,
        ]
        expected = [
            *clicks.values(),
            "/my",
            "/mail/view?model=sale.order&res_id=7",
            "/mail/view?model=x%26y%3Dz&res_id=1",
            "/my",
            "/my",
        ]
        found = []
        script = CLICKS % json.dumps(data)
        self._browse(
            "console.log('test successful')",
            after=lambda browser: found.extend(self._evaluate(browser, script)),
        )
        self.assertEqual(found, expected)


@tagged("post_install", "-at_install")
class TestWebPushPhone(TestWebPushBrowser):
    """The same card on a phone."""

    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True

    def _picture(self, name):
        return super()._picture(f"{name}-phone")
