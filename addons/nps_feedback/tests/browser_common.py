import time
from contextlib import ExitStack
from urllib.parse import urljoin

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

# Longer than the page waits before it believes a sign of life.
SETTLED = 0.6
ATTEMPTS, LOOKS = 8, 4


class PersonCase(HttpCase):
    """A browser with somebody in front of it: its events are real ones."""

    browser_size = "1400x900"

    def _drive(self, path, ready, act, then, touch=False):
        """Open a page, do something as a person would, and wait for what follows.

        :param str ready: JavaScript that is true when the page is there
        :param act: function of the browser
        :param str then: JavaScript that is true when it worked
        """
        browser = ChromeBrowser(self, headless=True)
        with self.allow_requests(browser=browser), ExitStack() as last:
            last.callback(self._wait_remaining_requests)
            self.authenticate(None, None, browser=browser)
            self.cr.flush()
            self.cr.clear()
            if touch:
                browser._websocket_request(
                    "Emulation.setTouchEmulationEnabled", params={"enabled": True}
                )
            browser.navigate_to(urljoin(self.base_url(), path))
            last.callback(browser.stop)
            self.assertTrue(browser._wait_ready(ready), ready)
            self.assertTrue(self._until(browser, act, then), then)

    def _until(self, browser, act, then):
        """Do it, and again where the page was not ready for it; people do."""
        for _attempt in range(ATTEMPTS):
            time.sleep(SETTLED)
            act(browser)
            time.sleep(SETTLED)
            for _look in range(LOOKS):
                if self._holds(browser, then):
                    return True
        return False

    def _holds(self, browser, code):
        """Whether a page says so; one that is just leaving says nothing."""
        params = {
            "expression": f"try {{ {code} }} catch {{ false }}",
            "awaitPromise": True,
            "returnByValue": True,
        }
        try:
            found = browser._websocket_request(
                "Runtime.evaluate", params=params, timeout=5
            )
        except Exception:  # noqa: BLE001
            return False
        return found["result"].get("value") is True

    def _mouse(self, browser, kind, x, y, **values):
        browser._websocket_request(
            "Input.dispatchMouseEvent", params={"type": kind, "x": x, "y": y, **values}
        )

    def _move(self, browser):
        """Move the pointer a little over the margin of the page."""
        for place in (3, 9, 15):
            self._mouse(browser, "mouseMoved", place, place)

    def _click(self, browser, selector):
        """Click the middle of an element, where it stands on the screen."""
        found = browser._websocket_request(
            "Runtime.evaluate",
            params={
                "expression": f"""(() => {{
                    const box = document.querySelector(`{selector}`)
                        .getBoundingClientRect();
                    return [box.x + box.width / 2, box.y + box.height / 2];
                }})()""",
                "returnByValue": True,
            },
        )
        x, y = found["result"]["value"]
        press = {"button": "left", "clickCount": 1}
        self._mouse(browser, "mousePressed", x, y, **press)
        self._mouse(browser, "mouseReleased", x, y, **press)

    def _key(self, browser, key="a"):
        for kind in ("keyDown", "keyUp"):
            params = {
                "type": kind,
                "key": key,
                "text": key if kind == "keyDown" else "",
            }
            browser._websocket_request("Input.dispatchKeyEvent", params=params)

    def _tap(self, browser, x=5, y=5):
        point = [{"x": x, "y": y}]
        for kind, points in (("touchStart", point), ("touchEnd", [])):
            browser._websocket_request(
                "Input.dispatchTouchEvent", params={"type": kind, "touchPoints": points}
            )
