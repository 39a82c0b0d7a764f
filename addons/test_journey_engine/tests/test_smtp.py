from datetime import timedelta
from email.message import EmailMessage
from unittest.mock import patch
from urllib.parse import urlsplit

from lxml import html

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, config, mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.journey_engine.tests.mail_server import receiving, silent

from .common import JourneyCommon

TIMEOUT = "odoo.addons.base.models.ir_mail_server.SMTP_TIMEOUT"
QUIET = ("odoo.addons.mail.models.mail_mail", "odoo.addons.mail.models.mail_thread")
BODY = """<p><a href="https://shop.example.com/milk">Milk</a>
<a href="https://shop.example.com/ghee">Ghee</a></p>"""


class SmtpCase(JourneyCommon, HttpCase):
    """Journeys whose mails leave through a real server on this machine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["mail.mail"].search([("state", "=", "outgoing")]).state = "cancel"
        cls.startClassPatcher(patch.dict(config.options, {"smtp_server": ""}))
        cls.startClassPatcher(
            patch.object(IrMail_Server, "_disable_send", lambda *_args: False)
        )
        cls.startClassPatcher(patch(TIMEOUT, 5))
        cls.template.body_html = BODY
        # The queue goes by the real clock, at whatever hour the tests run.
        cls.shop.write({"quiet_hours_start": 0, "quiet_hours_end": 0})

    @classmethod
    def _server(cls, port):
        values = {"name": "Ours", "smtp_host": "127.0.0.1", "smtp_port": port}
        return cls.env["ir.mail_server"].create(
            {**values, "smtp_encryption": "none", "smtp_authentication": "login"}
        )

    @classmethod
    def _queued(cls, *people, steps=None, **values):
        """Runs whose first mail is in the queue."""
        steps = steps or (cls._step(), cls._step(48))
        runs = cls._enrol(cls._journey(*steps, **values), *people)
        cls._process()
        return runs

    def _send_queue(self):
        self.env.flush_all()
        with mute_logger(*QUIET, "odoo.addons.base.models.ir_mail_server"):
            self.env["mail.mail"].process_email_queue()
        self.scheduler._follow_traces()
        self.env.invalidate_all()

    def _delivered(self, *people, **values):
        """(runs, messages) of mails that a server took."""
        with receiving() as (port, inbox):
            self._server(port)
            runs = self._queued(*people, **values)
            self._send_queue()
        self.env["ir.mail_server"].search([]).active = False
        return runs, [message for _to, message in inbox.messages]

    def _logged(self, runs):
        keys = [f"{d.run_model}:{d.run_id}:{d.step_code}" for d in runs.delivery_ids]
        return self.log.search_count([("message_key", "in", keys)])


@tagged("post_install", "-at_install")
class TestDelivery(SmtpCase):
    """What leaves, and what becomes of what cannot leave."""

    def test_a_mail_has_what_tracks_it_and_what_stops_it(self):
        runs, (message,) = self._delivered(self._member())
        trace = runs.delivery_ids.trace_id
        self.assertIn("/oneclick>", message["List-Unsubscribe"])
        self.assertEqual(message["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertEqual(message["Message-Id"], trace.message_id)
        body = message.get_body(("html",)).get_content()
        self.assertIn("blank.gif", body)
        self.assertEqual(body.count(f"/m/{trace.id}"), 3)
        self.assertIn("/contact/unsubscribe/", body)
        self.assertNotIn("/unsubscribe_from_list", body)
        self.assertEqual(self._states(runs), [("sent", False)])
        self.assertTrue(runs.delivery_ids.sent_at)

    def test_nobody_unsubscribes_from_facts_about_an_order(self):
        _runs, (message,) = self._delivered(
            self._member(), steps=[self._step(category="transactional")]
        )
        self.assertNotIn("List-Unsubscribe", message)
        self.assertNotIn("List-Unsubscribe-Post", message)

    def test_a_refused_address_fails_alone_and_counts_for_no_cap(self):
        refused, fine = self._member(email="refused@example.com"), self._member()
        runs, messages = self._delivered(refused, fine)
        self.assertEqual(len(messages), 1)
        lost = runs.filtered(lambda run: run.customer_id == refused)
        self.assertEqual(lost.delivery_ids.state, "failed")
        self.assertIn("550", lost.delivery_ids.error)
        self.assertFalse(self._logged(lost))
        self.assertEqual((runs - lost).delivery_ids.state, "sent")
        self.assertEqual(self._logged(runs - lost), 1)

    def test_a_server_that_never_answers_loses_and_doubles_nothing(self):
        with silent() as port, patch(TIMEOUT, 0.3):
            server = self._server(port)
            runs = self._queued(self._member(), self._member())
            self._send_queue()
        self.assertEqual(runs.delivery_ids.mapped("state"), ["failed"] * 2)
        self.assertTrue(all(runs.delivery_ids.mapped("error")))
        self.assertFalse(self._logged(runs))
        with receiving() as (port, inbox):
            server.smtp_port = port
            self._send_queue()
        self.assertFalse(inbox.messages)

    def test_a_mail_cut_off_while_it_is_sent_shows_as_failed(self):
        with receiving() as (port, inbox):
            self._server(port)
            runs = self._queued(self._member(), self._member())
            inbox.handle_DATA = self._hang_up
            self._send_queue()
            self.assertEqual(
                sorted(runs.delivery_ids.mapped("state")), ["failed", "queued"]
            )
            self.assertEqual(self._logged(runs), 1)
            del inbox.handle_DATA
            self._send_queue()
        self.assertEqual(len(inbox.messages), 1)
        states = sorted(runs.delivery_ids.mapped("state"))
        self.assertEqual(states, ["failed", "sent"])

    async def _hang_up(self, server, _session, _envelope):
        server.transport.close()
        return "421 Gone"

    def test_without_a_server_nothing_is_lost_unseen(self):
        runs = self._queued(self._member())
        self._send_queue()
        self.assertEqual(runs.delivery_ids.state, "failed")
        self.assertTrue(runs.delivery_ids.error)
        self.assertEqual(runs.delivery_ids.mail_mail_id.state, "exception")
        self.assertFalse(self._logged(runs))

    def test_who_orders_before_the_mail_leaves_does_not_get_it(self):
        buyer, other = self._member(), self._member()
        with receiving() as (port, inbox):
            self._server(port)
            runs = self._queued(buyer, other)
            self._order(buyer, company=self.shop)
            self._send_queue()
        self.assertEqual(len(inbox.messages), 1)
        mine = runs.filtered(lambda run: run.customer_id == buyer)
        self.assertEqual(self._states(mine), [("cancelled", "goal_reached")])
        self.assertEqual(mine.delivery_ids.mail_mail_id.state, "cancel")
        self.assertEqual(mine.delivery_ids.trace_id.trace_status, "cancel")
        self.assertFalse(self._logged(mine))
        self.assertEqual(self._states(runs - mine), [("sent", False)])


@tagged("post_install", "-at_install")
class TestAnswers(SmtpCase):
    """What customers, their mail programs and scanners do with a mail."""

    def setUp(self):
        super().setUp()
        self.person = self._member()
        wait = {"wait_until": "clicked", "wait_timeout_action": "exit"}
        steps = [self._step(), self._step(kind="wait", **wait)]
        self.runs, (self.message,) = self._delivered(
            self.person, topic_id=self.offers.id, steps=steps
        )
        self.delivery = self.runs.delivery_ids
        self.trace = self.delivery.trace_id
        self._age(self.trace, "sent_datetime", timedelta(hours=1))
        tree = html.fromstring(self.message.get_body(("html",)).get_content())
        self.links = [link for link in tree.iter("a") if "/r/" in link.get("href", "")]
        self.pixel = tree.xpath("//img[contains(@src, 'blank.gif')]/@src")[0]

    def _age(self, record, name, ago):
        """The clock stands still: move what was before."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = ANY(%s)",
                SQL.identifier(record._table),
                SQL.identifier(name),
                fields.Datetime.now() - ago,
                record.ids,
            )
        )
        self.env.invalidate_all()

    def _open(self, url):
        self.env.flush_all()
        parts = urlsplit(url)
        address = f"{self.base_url()}{parts.path}"
        answer = self.opener.get(address, timeout=30, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def _click(self, link):
        answer = self._open(link.get("href"))
        self.assertEqual(answer.status_code, 301)
        return answer

    def _clicks(self):
        return self.env["link.tracker.click"].search(
            [("mailing_trace_id", "=", self.trace.id)], order="id"
        )

    def _assert_untouched(self):
        """No statistic, no condition, no waiting run took notice."""
        self._dispatch()
        self.env.invalidate_all()
        self.assertTrue(all(self._clicks().mapped("is_automatic")))
        self.assertRecordValues(
            self.delivery,
            [{"state": "sent", "clicked_at": False, "opened_at": False}],
        )
        self.assertRecordValues(
            self.trace, [{"trace_status": "sent", "links_click_datetime": False}]
        )
        self._process(49)
        self.assertEqual(self.runs.run_state, "running")

    def test_a_click_is_noted_on_the_delivery_and_wakes_who_waits_for_it(self):
        self._process(1)
        self.assertEqual(self.runs.run_state, "running")
        answer = self._click(self.links[0])
        self.assertIn("shop.example.com/milk", answer.headers["Location"])
        self.assertFalse(self._clicks().is_automatic)
        self._dispatch()
        self.env.invalidate_all()
        self.assertEqual(self.delivery.state, "clicked")
        self.assertTrue(self.delivery.clicked_at)
        self.assertTrue(self.trace.links_click_datetime)
        # The tests' clock stands two days after the messages.
        self._process(49)
        self.assertEqual(self.runs.run_state, "done")

    def test_the_pixel_tells_that_the_mail_was_opened(self):
        self._open(self.pixel)
        self._dispatch()
        self.env.invalidate_all()
        self.assertEqual(self.delivery.state, "opened")
        self.assertTrue(self.delivery.opened_at)
        self.assertFalse(self.delivery.clicked_at)

    def test_who_clicks_as_soon_as_the_mail_left_is_a_machine(self):
        self._age(self.trace, "sent_datetime", timedelta(seconds=1))
        self._click(self.links[0])
        self._open(self.pixel)
        self._assert_untouched()

    def test_who_clicks_several_links_at_once_is_a_machine(self):
        self._click(self.links[0])
        # The dispatcher may come in between.
        self._dispatch()
        self._click(self.links[1])
        self._assert_untouched()

    def test_who_clicks_what_nobody_sees_is_a_machine(self):
        hidden = self.links[-1]
        self.assertEqual(
            [hidden.get(name) for name in ("aria-hidden", "tabindex", "style")],
            ["true", "-1", "display: none"],
        )
        answer = self._click(hidden)
        target = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        self.assertTrue(answer.headers["Location"].startswith(target))
        self.assertEqual(self._clicks().link_id.label, "hidden")
        self._age(self._clicks(), "create_date", timedelta(seconds=30))
        self._click(self.links[0])
        self._assert_untouched()

    def test_a_person_is_heard_after_a_machine(self):
        self._click(self.links[0])
        self._click(self.links[1])
        self._assert_untouched()
        self._age(self._clicks(), "create_date", timedelta(minutes=30))
        self._click(self.links[0])
        self._dispatch()
        self.env.invalidate_all()
        self.assertEqual(self._clicks().mapped("is_automatic"), [True, True, False])
        self.assertEqual(self.delivery.state, "clicked")

    def test_one_click_of_a_mail_program_stops_the_topic_for_what_comes_next(self):
        path = urlsplit(self.message["List-Unsubscribe"].strip("<>")).path
        address = self.base_url() + path
        self.opener.get(address, timeout=30)
        self.env.invalidate_all()
        waiting = self._queued(self.person, topic_id=self.offers.id)
        self.assertEqual(self._states(waiting), [("held", "frequency_cap")])
        self.log.search([]).unlink()
        queued = self._queued(self.person, topic_id=self.offers.id)
        self.assertEqual(self._states(queued), [("queued", False)])
        self.opener.cookies.pop("session_id", None)
        body = {"List-Unsubscribe": "One-Click"}
        answer = self.opener.post(address, data=body, timeout=30)
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()
        with receiving() as (port, inbox):
            self._server(port)
            self._send_queue()
        self.assertFalse(inbox.messages)
        self.assertEqual(self._states(queued), [("cancelled", "topic_opt_out")])
        self._process(48)
        self.assertEqual(self._states(waiting)[0], ("skipped", "topic_opt_out"))

    def _receive(self, message):
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process("res.partner", str(message))
        self._dispatch()
        self.env.invalidate_all()

    def test_a_reply_is_noted(self):
        reply = EmailMessage()
        reply["From"], reply["To"] = self.person.email, "shop@example.com"
        reply["Subject"], reply["Message-Id"] = "Re: Milk", "<reply@example.com>"
        reply["In-Reply-To"] = self.message["Message-Id"]
        reply["References"] = self.message["Message-Id"]
        reply.set_content("Yes, please.")
        self._receive(reply)
        self.assertEqual(self.delivery.state, "replied")
        self.assertIn("Yes, please.", self.person.message_ids[0].body)

    def test_a_bounce_is_noted(self):
        number = self.message["Message-Id"]
        self._receive(BOUNCE.format(number=number, email=self.person.email))
        self.assertEqual(self.delivery.state, "bounced")


BOUNCE = """\
Return-Path: <>
From: MAILER-DAEMON@example.com
To: bounce@example.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <bounce@example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

No such mailbox.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; example.com

Final-Recipient: rfc822; {email}
Action: failed
Status: 5.1.1

--cut
Content-Type: message/rfc822

Message-Id: {number}
From: shop@example.com
To: {email}
Subject: Milk

Milk

--cut--
"""
