import base64
import os
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

# A folder that takes a picture of every page that tests open.
PICTURES = os.environ.get("LIFECYCLE_SCREENSHOTS")
# Waits until the page has settled, then refuses what spills over the right edge.
LOOK = """
setTimeout(() => {
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) {
        console.error(`spills over: ${page.scrollWidth} > ${page.clientWidth}`);
    } else {
        console.log("test successful");
    }
}, 1500);
"""


class PageCase(HttpCase):
    """Opens pages in a browser, refuses what spills over, and keeps a picture."""

    browser_size = "1400x900"
    suffix = ""
    page_login = "page_manager"

    def _look(self, name, address, ready, login="page_manager"):
        with self._pictured(name):
            self.browser_js(
                address,
                LOOK,
                ready=f"!!document.querySelector('{ready}')",
                login=login,
            )

    def _look_after(self, name, address, ready, *clicks):
        """Look at a page after clicking some of its elements, one per second."""
        lines = [
            f"setTimeout(() => document.querySelector(`{one}`).click(), {place}000);"
            for place, one in enumerate(clicks, 1)
        ]
        delay = 1000 * len(clicks) + 2000
        code = f"{' '.join(lines)} setTimeout(() => {{ {LOOK} }}, {delay});"
        with self._pictured(name):
            self.browser_js(
                address,
                code,
                ready=f"!!document.querySelector('{ready}')",
                login=self.page_login,
            )

    @contextmanager
    def _pictured(self, name):
        """Keep a picture of what the browser shows when it is closed."""

        def stop(browser):
            if PICTURES:
                shot = browser._websocket_request("Page.captureScreenshot")["data"]
                folder = Path(PICTURES)
                folder.mkdir(parents=True, exist_ok=True)
                file = folder / f"{name}{self.suffix}.png"
                file.write_bytes(base64.b64decode(shot))
            return original(browser)

        original = ChromeBrowser.stop
        with patch.object(ChromeBrowser, "stop", stop):
            yield
