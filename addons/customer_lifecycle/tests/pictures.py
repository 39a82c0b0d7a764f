import base64
import json
import os
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

# A folder that takes a picture of every page that tests open.
PICTURES = os.environ.get("LIFECYCLE_SCREENSHOTS")
# Milliseconds without a change until a page has settled; charts move for a picture.
QUIET = 1500 if PICTURES else 500
# Clicks one element after the other, as soon as it is there and the page has settled;
# refuses at last what spills over the right edge.
LOOK_AFTER = """
(async () => {
    const page = document.documentElement;
    const until = (holds, most) => new Promise((done) => {
        const begun = Date.now();
        const timer = setInterval(() => {
            if (holds() || Date.now() - begun > most) {
                clearInterval(timer);
                done();
            }
        }, 50);
    });
    let [asked, changed] = [0, 0];
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (...body) {
        asked += 1;
        this.addEventListener("loadend", () => (asked -= 1));
        return send.apply(this, body);
    };
    const watch = new MutationObserver(() => (changed = Date.now()));
    watch.observe(page, { attributes: true, childList: true, subtree: true });
    const isQuiet = () =>
        !asked &&
        Date.now() - changed > QUIET &&
        [...document.images].every((image) => image.complete);
    const settled = () => {
        changed = Date.now();
        return until(isQuiet, 5 * QUIET);
    };
    for (const one of CLICKS) {
        await settled();
        await until(() => document.querySelector(one), 10000);
        document.querySelector(one).click();
    }
    await settled();
    if (page.scrollWidth > page.clientWidth) {
        console.error(`spills over: ${page.scrollWidth} > ${page.clientWidth}`);
    } else {
        console.log("test successful");
    }
})();
""".replace("QUIET", str(QUIET))
LOOK = LOOK_AFTER.replace("CLICKS", "[]")


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
        """Look at a page after clicking some of its elements."""
        with self._pictured(name):
            self.browser_js(
                address,
                self._looking(*clicks),
                ready=f"!!document.querySelector('{ready}')",
                login=self.page_login,
            )

    def _looking(self, *clicks):
        return LOOK_AFTER.replace("CLICKS", json.dumps(clicks))

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
