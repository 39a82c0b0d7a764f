from datetime import timedelta
from unittest.mock import patch
from urllib.parse import quote, urlsplit

from lxml import html

from odoo import Command, fields
from odoo.tests import new_test_user, tagged
from odoo.tools import config, mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.customer_lifecycle.tests.pictures import PageCase
from odoo.addons.journey_engine.tests.mail_server import receiving

from .browser_common import PersonCase
from .test_answer_page import FeedbackPageCase

GIVEN = "!!document.querySelector('.o_feedback_given')"
MAIL = "document.querySelectorAll('a[href*=\"score=\"]').length === 11"


class MailCase(FeedbackPageCase, PersonCase):
    """Surveys whose mails leave through a real server on this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["mail.mail"].search([("state", "=", "outgoing")]).state = "cancel"
        cls.startClassPatcher(patch.dict(config.options, {"smtp_server": ""}))
        cls.startClassPatcher(
            patch.object(IrMail_Server, "_disable_send", lambda *_args: False)
        )
        cls.env["ir.config_parameter"].set_param("web.base.url", cls.base_url())

    def _received(self, hours=0):
        """The message that the server took."""
        moment = fields.Datetime.now() + timedelta(hours=hours)
        with receiving() as (port, inbox):
            values = {"name": "Ours", "smtp_host": "127.0.0.1", "smtp_port": port}
            server = self.env["ir.mail_server"].create(
                {**values, "smtp_encryption": "none", "smtp_authentication": "login"}
            )
            self.env["journey.scheduler"].process_due(moment)
            self.env.flush_all()
            with mute_logger(
                "odoo.addons.mail.models.mail_mail",
                "odoo.addons.base.models.ir_mail_server",
            ):
                self.env["mail.mail"].process_email_queue()
            self.env["journey.delivery"]._follow_traces()
            server.active = False
        self.assertEqual(len(inbox.messages), 1)
        return inbox.messages[0][1]

    def _body(self, message):
        return message.get_body(("html",)).get_content()

    def _buttons(self, message):
        """{score: address} of the buttons of a mail."""
        root = html.fromstring(self._body(message))
        links = root.xpath("//a[contains(@href, 'score=')]")
        return {int(link.text): link.get("href") for link in links}

    def _dispatched(self):
        events = self.env["lifecycle.event"]
        while pending := events.search([("is_pending", "=", True)], order="id"):
            self.env["lifecycle.event.retry"]._dispatch(pending)


@tagged("post_install", "-at_install")
class TestFeedbackMail(MailCase):
    """From the mail to the recorded answer."""

    def test_the_mail_has_eleven_buttons_and_a_way_out(self):
        message = self._received()
        buttons = self._buttons(message)
        self.assertEqual(sorted(buttons), list(range(11)))
        path = urlsplit(self.base_url())
        for score, address in buttons.items():
            parts = urlsplit(address)
            self.assertEqual((parts.scheme, parts.netloc), (path.scheme, path.netloc))
            self.assertEqual(parts.query, f"score={score}")
            self.assertTrue(parts.path.startswith("/feedback/"))
        self.assertIn("/oneclick>", message["List-Unsubscribe"])
        body = self._body(message)
        self.assertIn(self.survey.question_text, body)
        self.assertIn("/contact/unsubscribe/", body)
        self.assertTrue(self.invitation.sent_at)

    def test_the_mail_needs_no_style_sheet(self):
        """Floating tables with fixed sizes: what mail programs know."""
        body = self._body(self._received())
        root = html.fromstring(body)
        self.assertFalse(root.xpath("//style | //script | //form"))
        for link in root.xpath("//a[contains(@href, 'score=')]"):
            cell = link.getparent()
            self.assertEqual(cell.get("height"), "40")
            floats = link.xpath("ancestor::table[@align='left']")
            self.assertEqual(len(floats), 1)

    def test_the_template_can_be_looked_at_without_a_survey(self):
        for name in ("mail_template_survey", "mail_template_reminder"):
            template = self.env.ref(f"nps_feedback.{name}")
            body = template._render_field("body_html", self.person.ids)
            text = body[self.person.id]
            self.assertEqual(text.count("score="), 11)
            self.assertIn("How likely", text)

    def test_scanners_follow_all_links_and_record_nothing(self):
        for address in self._buttons(self._received()).values():
            for method in ("GET", "HEAD"):
                self.assertEqual(self.url_open(address, method=method).status_code, 200)
        self.assertFalse(self._response())

    def test_from_the_mail_to_the_answer_in_a_real_browser(self):
        message = self._received()

        def answer(browser):
            if self._holds(browser, MAIL):
                self._click(browser, "a[href$='score=10']")
            else:
                self._move(browser)

        page = f"data:text/html;charset=utf-8,{quote(self._body(message))}"
        self._drive(page, MAIL, answer, GIVEN)
        self.assertEqual(self._response().score, 10)
        self.assertEqual(len(self._response()), 1)

    def test_the_reminder_has_a_link_of_its_own_and_one_answer_counts(self):
        first = self._buttons(self._received())
        second = self._buttons(self._received(hours=24 * 3 + 1))
        self.url_open(first[9].partition("?")[0], data={"score": "9"})
        self.url_open(second[8].partition("?")[0], data={"score": "8"})
        self.assertEqual((self._response().score, self._response().first_score), (8, 9))


@tagged("post_install", "-at_install")
class TestDetractorStory(MailCase):
    """An unhappy customer, from the mail to the closed case."""

    def test_from_the_mail_to_the_closed_case(self):
        seller = new_test_user(
            self.env,
            "feedback_seller",
            "sales_team.group_sale_salesman,customer_lifecycle.group_lifecycle_user",
            email="seller@example.com",
            company_id=self.shop.id,
            company_ids=[Command.set(self.shop.ids)],
        )
        self.person.user_id = seller
        address = self._buttons(self._received())[2]
        path = urlsplit(address)
        self._drive(
            f"{path.path}?{path.query}",
            "!!document.querySelector('.o_feedback_chosen')",
            lambda browser: self._click(browser, ".o_feedback_send button"),
            GIVEN,
        )
        self.url_open(path.path, data={"score": "2", "comment": "The milk was sour"})
        self.url_open(path.path, data={"score": "2", "call": "1", "phone": "0171"})
        self._dispatched()
        case = self.env["nps.case"].search([("customer_id", "=", self.person.id)])
        self.assertEqual(case.activity_ids.user_id, seller)
        self.assertIn("0171", case.activity_ids.note)
        self.assertEqual(self._advertising(), "skip")
        self.start_tour(
            f"/odoo/unhappy-customers/{case.id}",
            "feedback_case",
            login="feedback_seller",
        )
        case.invalidate_recordset()
        self.assertEqual((case.state, case.outcome), ("closed", "solved"))
        self.assertEqual(case.note, "Brought fresh milk")
        self.assertEqual(case.closed_by_id, seller)
        self.assertFalse(case.activity_ids)
        self.assertEqual(self._advertising(), "send")

    def _advertising(self):
        """What the policy says of advertising to the customer."""
        values = {"source": "staff"}
        self.env["customer.consent"]._record(self.person, "email", "granted", **values)
        policy = self.env["contact.policy"]
        request = (self.person.id, self.person.id, "email", "marketing", None, 0, None)
        (found,) = policy.decide([request], fields.Datetime.now())
        return found.decision


@tagged("post_install", "-at_install")
class TestMailPictures(MailCase, PageCase):
    """How the mail looks; on a phone the buttons break into lines of their own."""

    def _show(self, name):
        body = self._body(self._received())
        page = f"data:text/html;charset=utf-8,{quote(body)}"
        check = """
            const rows = new Set([...document.querySelectorAll("a[href*='score=']")]
                .map((a) => Math.round(a.getBoundingClientRect().top)));
            const width = document.documentElement.clientWidth;
            const spills = document.documentElement.scrollWidth > width;
            const wanted = width > 700 ? 1 : 2;
            console.log(rows.size === wanted && !spills ? "test successful"
                : `${rows.size} lines, spills: ${spills}`);
        """
        with self._pictured(name):
            self.browser_js(page, check, ready=MAIL, login=None)

    def test_on_a_desk(self):
        self._show("feedback-mail")


@tagged("post_install", "-at_install")
class TestMailPicturesPhone(TestMailPictures):
    browser_size = "375x812"
    suffix = "-phone"
    allow_inherited_tests_method = True
