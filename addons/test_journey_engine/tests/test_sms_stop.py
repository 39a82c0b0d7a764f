import re
from datetime import timedelta

from odoo.tests import HttpCase, tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon

STOP = re.compile(r"STOP SMS: https?://[^/]+(/sms/[0-9]+/[A-Za-z0-9]+)$")


@tagged("post_install", "-at_install")
class TestSmsStop(JourneyCommon, HttpCase):
    """Stopping SMS is as easy as agreeing, and looking at the page stops nothing."""

    def setUp(self):
        super().setUp()
        self.person = self._member()
        self._say(self.person, "granted", channel="sms")
        self.sms = self._send().delivery_ids.sms_id

    def _send(self, **values):
        step = self._step(channel="sms", template_id=False, body="Milk", **values)
        run = self._enrol(self._journey(step), self.person)
        self._process()
        return run

    def _refusal(self):
        """Why a further SMS of the same topic would not go out."""
        topic = self.sms.mailing_id._contact_topic()
        moment = NOON + timedelta(days=30)
        return self._verdict(self.person, moment, channel="sms", topic=topic.id)[1]

    def _page(self, path, **data):
        answer = self.url_open(path, data=data or None)
        self.env.invalidate_all()
        return answer

    def test_the_way_out_asks_for_the_number_first(self):
        path = STOP.search(self.sms.body)[1]
        for url in (path, f"{path}?sms_number=123"):
            answer = self._page(url)
            self.assertIn("sms_number", answer.text)
        number = self.sms.number.replace("+", "%2B")
        mailing, code = path.split("/")[2:]
        for url in (path, f"/sms/{mailing}/unsubscribe/{code}"):
            answer = self._page(f"{url}?sms_number={number}")
            self.assertIn("/contact/unsubscribe/", answer.url)
        phones = self.env["phone.blacklist"].search([("number", "=", self.sms.number)])
        self.assertFalse(phones)
        self.assertNotEqual(self._refusal(), "topic_opt_out")
        self._stop(answer)
        self.assertEqual(self._refusal(), "topic_opt_out")
        self.assertFalse(phones.search([("number", "=", self.sms.number)]))

    def _stop(self, answer):
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)[1]
        stopped = self._page(answer.url, csrf_token=token, scope="topic")
        self.assertEqual(stopped.status_code, 200)

    def test_somebody_elses_number_opens_nothing(self):
        path = STOP.search(self.sms.body)[1].split("/")
        other = self._member().phone_sanitized.replace("+", "%2B")
        answer = self._page(f"/sms/{path[2]}/unsubscribe/{path[3]}?sms_number={other}")
        self.assertNotIn("/contact/unsubscribe/", answer.url)

    def test_facts_carry_no_way_out(self):
        sms = self._send(category="transactional").delivery_ids.sms_id
        self.assertEqual(sms.body, "Milk")
