from odoo.tests import tagged

from .browser_common import PersonCase
from .test_answer_page import FeedbackPageCase

CHOSEN = "!!document.querySelector('.o_feedback_chosen')"
GIVEN = "!!document.querySelector('.o_feedback_given')"


@tagged("post_install", "-at_install")
class TestAnswerBrowser(FeedbackPageCase, PersonCase):
    """A real browser: a person's, and a scanner's that runs scripts and waits."""

    def _page(self, score=9):
        return f"{self._path()}?score={score}"

    def _answered(self, act, **values):
        self._drive(self._page(), CHOSEN, act, GIVEN, **values)
        self.assertEqual(self._response().score, 9)
        self.assertEqual(len(self._response()), 1)

    def test_a_scanner_that_runs_scripts_and_waits_records_nothing(self):
        self.browser_js(
            self._page(),
            """
            for (const type of ["pointerdown", "pointermove", "touchstart",
                                "keydown", "wheel", "mousemove", "click"]) {
                for (const target of [document, document.body]) {
                    target.dispatchEvent(new Event(type, {bubbles: true}));
                    target.dispatchEvent(new PointerEvent(type,
                        {bubbles: true, movementX: 5, movementY: 5}));
                }
            }
            document.body.click();
            window.scrollTo(0, 500);
            setTimeout(() => {
                const form = document.querySelector(".o_feedback_chosen");
                console.log(form ? "test successful" : "it was sent");
            }, 6000);
            """,
            ready=CHOSEN,
            login=None,
        )
        self.assertFalse(self._response())

    def test_one_click_in_the_mail_is_enough_for_a_person(self):
        self._answered(self._move)

    def test_a_key_is_a_sign_of_life(self):
        self._answered(self._key)

    def test_so_is_a_finger(self):
        self._answered(self._tap, touch=True)

    def test_whoever_reaches_for_another_button_means_that_one(self):
        def choose(browser):
            self._click(browser, ".o_feedback_buttons button[value='3']")

        self._drive(self._page(), CHOSEN, choose, GIVEN)
        self.assertEqual(self._response().score, 3)

    def test_a_page_without_a_choice_waits_for_one(self):
        asks = "!!document.querySelector('.o_feedback_score')"
        wait = f"new Promise(r => setTimeout(() => r({asks}), 1500))"
        self._drive(self._path(), asks, self._move, wait)
        self.assertFalse(self._response())
