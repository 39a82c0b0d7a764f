from odoo.tests import tagged

from .pictures import PageCase

LEAVE = """
localStorage.setItem("left", "behind");
document.cookie = "left=behind; path=/";
console.log("test successful");
"""
FIND = """
if (localStorage.getItem("left") || document.cookie.includes("=behind")) {
    console.error(`left behind: ${localStorage.getItem("left")} ${document.cookie}`);
} else {
    console.log("test successful");
}
"""
# What makes a page wider than any window.
WIDE = "document.body.insertAdjacentHTML('beforeend', '<p style=\"width:200vw\">!</p>')"


@tagged("post_install", "-at_install")
class TestPictures(PageCase):
    """What looks at the pages sees what is wrong with them."""

    def test_a_page_finds_nothing_that_another_left(self):
        self.browser_js("/web/login", LEAVE)
        self.browser_js("/web/login", FIND)

    def test_what_spills_over_is_refused(self):
        ready = f"{WIDE}; !!document.querySelector('form')"
        with self.assertRaises(AssertionError), self.assertLogs(level="ERROR") as log:
            self.browser_js("/web/login", self._looking(), ready=ready)
        self.assertIn("spills over", log.output[0])

    def test_what_cannot_be_clicked_is_refused(self):
        with self.assertRaises(AssertionError):
            self.browser_js("/web/login", self._looking(".o_missing"))
