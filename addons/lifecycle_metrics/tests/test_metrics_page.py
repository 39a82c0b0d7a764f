from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.customer_lifecycle.tests import pictures

SETTINGS = "/odoo/action-customer_lifecycle.res_config_settings_action"
RENEW = "button[name=action_renew_metrics_token]"
WITHDRAW = "button[name=action_withdraw_metrics_token]"
# Asks for a token and refuses a dialog that does not show one whole.
PRESS = """
const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
document.querySelector("%(renew)s").click();
(async () => {
    await wait(2.5);
    const shown = document.querySelector(".modal .o_field_widget[name=token]");
    if (!shown || shown.textContent.trim().length < 43) {
        console.error("no token is shown");
    }
    %(then)s
})();
"""
CLOSE = """
document.querySelector(".modal footer button").click();
await wait(2);
if (!document.querySelector("%s")) {
    console.error("the settings do not know of the token");
}
"""


@tagged("post_install", "-at_install")
class TestMetricsPage(pictures.PageCase):
    """The block of the settings, in a browser that is tall enough to show it."""

    browser_size = "1400x1500"

    def setUp(self):
        super().setUp()
        self.access = self.env["lifecycle.metrics.access"]
        self.access._withdraw_token()

    def _press(self, name, then):
        press = PRESS % {"renew": RENEW, "then": then + pictures.LOOK}
        with patch.object(pictures, "LOOK", press):
            self._look(name, SETTINGS, RENEW, "admin")
        self.assertTrue(self.access._has_any_token())

    def test_a_new_token_is_shown(self):
        self._press("metrics-token", "")

    def test_then_the_settings_know_of_it(self):
        self._press("metrics-settings", CLOSE % WITHDRAW)
