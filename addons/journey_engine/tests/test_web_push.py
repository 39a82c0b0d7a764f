import json
from unittest.mock import patch

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from odoo.tests import tagged

from ..tools.push_text import cut, size
from .web_push_common import ENDPOINT, Browser, WebPushCommon, raw


@tagged("post_install", "-at_install")
class TestWebPush(WebPushCommon):
    """From a message to what a browser reads."""

    def _queued(self):
        return self.env["mail.push"].sudo().search([], order="id")

    def test_a_browser_reads_what_was_pushed(self):
        person, browser = self._person(), Browser()
        self._create_device(person, browser)
        found = self.push._push([self._message(person)])
        self.assertEqual(found, {person.id})
        ((address, request),) = [(call.args[0], call.kwargs) for call in self._send()]
        self.assertEqual(address, ENDPOINT)
        self.assertEqual(request["headers"]["Content-Encoding"], "aes128gcm")
        self.assertEqual(
            browser.decrypt(request["data"]),
            {
                "title": "Fresh milk",
                "options": {
                    "body": "Tomorrow at 7 at your door",
                    "icon": f"/logo.png?company={self.shop.id}",
                    "tag": "journey-7",
                    "data": {
                        "url": "/r/abc",
                        "model": "res.partner",
                        "res_id": person.id,
                    },
                },
            },
        )
        self.assertFalse(self._queued())

    def test_the_push_service_can_check_who_sends(self):
        person = self._person()
        self._create_device(person, Browser())
        self.push._push([self._message(person)])
        authorization = self._send()[0].kwargs["headers"]["Authorization"]
        token, key = authorization.removeprefix("vapid t=").split(", k=")
        self.assertEqual(key, self.vapid_key)
        signed, signature = token.rsplit(".", 1)
        numbers = [int.from_bytes(raw(signature)[i : i + 32]) for i in (0, 32)]
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(key))
        public.verify(
            utils.encode_dss_signature(*numbers),
            signed.encode(),
            ec.ECDSA(hashes.SHA256()),
        )
        claims = json.loads(raw(signed.split(".")[1]))
        self.assertEqual(claims["aud"], "https://push.example.com")

    def test_nothing_leaves_before_the_job_runs(self):
        person = self._person()
        devices = self._create_device(person) + self._create_device(person)
        job = self.env.ref("mail.ir_cron_web_push_notification")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)])
        with patch("odoo.addons.mail.tools.web_push.push_to_end_point") as sent:
            self.push._push([self._message(person)])
        sent.assert_not_called()
        self.assertEqual(self._queued().mail_push_device_id, devices)
        now = self.env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)])
        self.assertEqual(now, triggers + 1)

    def test_only_who_has_a_browser_counts(self):
        reached, other = self._person(), self._person()
        self._create_device(reached)
        messages = [self._message(one) for one in (reached, other)]
        self.assertEqual(self.push._push(messages), {reached.id})
        self.assertEqual(self.push._push([self._message(other)]), set())
        self.assertEqual(self.push._push([]), set())
        self.assertEqual(len(self._queued()), 1)

    def test_the_order_and_the_text_of_each_message_are_kept(self):
        people = [self._person() for _each in range(3)]
        for person in people:
            self._create_device(person)
        messages = [self._message(one, title=one.email) for one in reversed(people)]
        self.push._push([*messages, self._message(people[0], title="again")])
        titles = [json.loads(row.payload)["title"] for row in self._queued()]
        emails = [person.email for person in reversed(people)]
        self.assertEqual(titles, [*emails, "again"])

    def test_a_gone_browser_is_forgotten(self):
        for status in (404, 410, 500):
            person = self._person()
            device = self._create_device(person)
            self.push._push([self._message(person)])
            self._send(status)
            self.assertEqual(bool(device.exists()), status == 500)

    def test_a_long_text_is_cut_at_a_word_and_still_arrives(self):
        person, browser = self._person(), Browser()
        self._create_device(person, browser)
        for word in ("milk", "তাজা দুধ", "🥛🥛", "x" * 5000, '"\\\n', "\0\ud83e"):
            with self.subTest(word=ascii(word[:9])):
                body = f"{word} " * 3000
                self.push._push([self._message(person, title=body, body=body)])
                message = self._send()[0].kwargs["data"]
                # A push service takes no more; a browser reads one record.
                self.assertLessEqual(len(message), 4096)
                found = browser.decrypt(message)
                self.assertLessEqual(size(found["title"]), 400)
                shown = found["options"]["body"]
                self.assertTrue(shown.endswith("…"))
                # Nothing of the room is wasted, but for the last word.
                self.assertGreater(len(message), 3950)
                start = shown[:-1].rstrip()
                sendable = body.encode(errors="ignore").decode()
                self.assertTrue(sendable.startswith(start))

    def test_cutting(self):
        for given, room, expected in (
            ("Fresh milk at your door", 40, "Fresh milk at your door"),
            ("Fresh milk at your door", 18, "Fresh milk…"),
            ("Freshmilkatyourdoor", 10, "Fresh…"),
            ("", 2, ""),
        ):
            with self.subTest(given=given, room=room):
                self.assertEqual(cut(given, room), expected)
                self.assertLessEqual(size(expected), room)

    def test_what_is_left_out_and_what_leads_elsewhere(self):
        person = self._person()
        message = self._message(person, tag=False, url=False)
        options = self.push._payload(message, "https://shop.example.com")["options"]
        self.assertNotIn("tag", options)
        self.assertIs(options["data"]["url"], False)
        for url, expected in (
            ("https://other.example.com/r/1", "https://other.example.com/r/1"),
            ("https://shop.example.com/r/1", "/r/1"),
            ("https://shop.example.com.evil.example/", None),
            ("/r/" + "x" * 2000, False),
        ):
            message = self._message(person, url=url)
            found = self.push._payload(message, "https://shop.example.com")
            found = found["options"]["data"]["url"]
            self.assertEqual(found, url if expected is None else expected)

    def test_without_keys_nothing_waits_for_ever(self):
        person = self._person()
        self._create_device(person)
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("mail.web_push_vapid_private_key", False)
        self.assertEqual(self.push._push([self._message(person)]), set())
        self.assertFalse(self._queued())

    def test_many_cost_as_many_queries_as_few(self):
        people = [self._person(agreed=False) for _each in range(200)]
        for person in people:
            self._create_device(person)
        messages = [self._message(person) for person in people]
        self.push._push(messages[:1])
        self.env.flush_all()
        for number in (10, 200):
            self.env.invalidate_all()
            with self.assertQueryCount(5):
                found = self.push._push(messages[:number])
                self.env.flush_all()
            self.assertEqual(len(found), number)
        self.assertEqual(len(self._queued()), 211)
