import base64
import json
import os
import struct
from unittest.mock import patch

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.customer_preference.tests.common import PreferenceCommon

ENDPOINT = "https://push.example.com/send/tour"
SESSION = "odoo.addons.mail.models.mail_push.Session"


def text(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(value):
    return base64.urlsafe_b64decode(value + "==")


class Browser:
    """A receiver as RFC 8291 describes it: it alone can read what is sent to it."""

    def __init__(self, endpoint=ENDPOINT):
        self.endpoint = endpoint
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        public = self.key.public_key()
        self.point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = {"p256dh": text(self.point), "auth": text(self.auth)}

    def decrypt(self, message):
        """Decrypt a message of one record (aes128gcm, RFC 8188)."""
        salt, record_size, id_size = struct.unpack("!16sLB", message[:21])
        sender, record = message[21 : 21 + id_size], message[21 + id_size :]
        assert len(message) <= 4096 and len(record) <= record_size
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), public)
        info = b"WebPush: info\0" + self.point + sender
        secret = self._derive(shared, self.auth, info, 32)
        key = self._derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = self._derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        content = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert content.endswith(b"\2"), "not the last record"
        return json.loads(content[:-1])

    def _derive(self, secret, salt, info, length):
        return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class WebPushCommon(PreferenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.push = cls.env["journey.push"]
        cls.devices = cls.env["mail.push.device"].sudo()
        cls.vapid_key = cls.devices.get_web_push_vapid_public_key()

    @classmethod
    def _create_portal_user(cls, login):
        return new_test_user(
            cls.env,
            login,
            "base.group_portal",
            email=f"{login}@example.com",
            company_id=cls.shop.id,
            company_ids=[Command.set(cls.shop.ids)],
        )

    @classmethod
    def _create_device(cls, partner, browser=None):
        browser = browser or Browser(f"https://push.example.com/{next(cls.numbers)}")
        return cls.devices.create(
            {
                "partner_id": partner.id,
                "endpoint": browser.endpoint,
                "keys": json.dumps(browser.keys),
            }
        )

    def _message(self, partner, **values):
        return {
            "partner_id": partner.id,
            "title": "Fresh milk",
            "body": "Tomorrow at 7 at your door",
            "url": f"{self.push.get_base_url()}/r/abc",
            "tag": "journey-7",
            "company_id": self.shop.id,
            **values,
        }

    def _send(self, status=201):
        """Run the platform's job; return what a push service gets."""
        with patch(SESSION) as session, mute_logger("odoo.addons.mail.tools.web_push"):
            post = session.return_value.post
            post.return_value.status_code = status
            post.return_value.text = "as the push service says"
            self.env["mail.push"]._push_notification_to_endpoint()
        return post.call_args_list
