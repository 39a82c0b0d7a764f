import time
from contextlib import ExitStack
from urllib.parse import urljoin

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

# Longer than the page waits before it believes a sign of life.
SETTLED = 0.6


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
            time.sleep(SETTLED)
            act(browser)
            self.assertTrue(browser._wait_ready(then), then)

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
