import re
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import ConcurrencyError, ValidationError

from odoo.addons.mail.tools.jwt import InvalidVapidError, base64_decode_with_padding

MAX_ENDPOINT = 2000
# A browser forgets nothing by itself: who collects more has long left the oldest.
MAX_DEVICES = 10
# Names that only a resolver at home knows, and addresses without a name.
PRIVATE_HOST = re.compile(
    r"[^.]*|.*:.*|(.*\.)?(\d[^.]*|local|localhost|internal|intranet|lan|home\.arpa)"
)


class JourneyPushBrowser(models.AbstractModel):
    """The browsers in which the user wants notifications.

    The state of a browser is a dict of ``is_known`` (it is one of the user's devices),
    ``is_agreed`` (the person agreed to notifications) and ``is_on`` (both).
    """

    _name = "journey.push.browser"
    _description = "Browsers that get notifications"

    # --------------------------------------------------------------------- devices
    @api.model
    def _state(self, endpoint=None):
        """Return the state of the user's browser with that address."""
        is_known = bool(endpoint and self._own_device(endpoint))
        is_agreed = self._current_word() == "granted"
        return {
            "is_known": is_known,
            "is_agreed": is_agreed,
            "is_on": is_known and is_agreed,
        }

    @api.model
    def _subscribe(self, endpoint, keys, vapid_public_key, previous_endpoint=None):
        """Register a browser of the user and write the consent into the ledger.

        :param previous_endpoint: the address the browser had before: it moves, and the
            consent stays what it is
        :return: the state of the browser
        :raises ValidationError: bad input, or the browser belongs to somebody else
        """
        self._check_endpoint(endpoint)
        values = {
            "endpoint": endpoint,
            "keys": self._check_keys(keys),
            "vapid_public_key": vapid_public_key,
        }
        if previous_endpoint:
            if not self._own_device(previous_endpoint):
                raise ValidationError(
                    self.env._("previous_endpoint: is no browser of yours.")
                )
            values["previousEndpoint"] = previous_endpoint
        self._check_owner(endpoint)
        self._register_device(values)
        if not previous_endpoint:
            self._say("granted")
        return self._state(endpoint)

    @api.model
    def _unsubscribe(self, endpoint):
        """Forget a browser of the user; the last one takes the consent back.

        :return: the state of the browser
        """
        self._check_endpoint(endpoint)
        if self._own_device(endpoint):
            devices = self.env["mail.push.device"]
            devices.unregister_devices(endpoint=endpoint)
            if not devices.sudo().search_count(self._own_domain(), limit=1):
                self._say("withdrawn")
        return self._state(endpoint)

    @api.model
    def _register_device(self, values):
        devices = self.env["mail.push.device"]
        endpoints = {values["endpoint"], values.get("previousEndpoint")}
        if len(endpoints - {None}) > 1:
            # The new address may be there already: it would not be unique.
            self._own_device(values["endpoint"]).unlink()
        try:
            with self.env.cr.savepoint():
                devices.register_devices(**values)
        except InvalidVapidError:
            message = self.env._("vapid_public_key: is not the key of this server.")
            raise ValidationError(message) from None
        except UniqueViolation as error:
            # A double click: the other request has won, and the next try sees it.
            raise ConcurrencyError(str(error)) from error
        own = devices.sudo().search(self._own_domain(), order="id desc")
        own.filtered(lambda one: one.endpoint not in endpoints)[
            MAX_DEVICES - 1 :
        ].unlink()

    @api.model
    def _own_domain(self):
        return [("partner_id", "=", self.env.user.partner_id.id)]

    @api.model
    def _own_device(self, endpoint):
        self._check_endpoint(endpoint)
        domain = [*self._own_domain(), ("endpoint", "=", endpoint)]
        return self.env["mail.push.device"].sudo().search(domain)

    @api.model
    def _check_owner(self, endpoint):
        """The platform would hand the browser over to whoever names its address."""
        device = self.env["mail.push.device"].sudo()
        device = device.search([("endpoint", "=", endpoint)])
        if device.partner_id - self.env.user.partner_id:
            raise ValidationError(
                self.env._("endpoint: this browser belongs to another account.")
            )

    @api.model
    def _check_endpoint(self, endpoint):
        """Refuse what is no address of a push service: the server will post to it."""
        if not self._is_endpoint(endpoint):
            raise ValidationError(
                self.env._("endpoint: must be the https address of a push service.")
            )

    @api.model
    def _is_endpoint(self, endpoint):
        if not isinstance(endpoint, str) or len(endpoint) > MAX_ENDPOINT:
            return False
        if not re.fullmatch(r"[!-~]+", endpoint) or "\\" in endpoint:
            return False
        try:
            url = urlsplit(endpoint)
            is_usual = url.port in (None, 443) and "@" not in url.netloc
        except ValueError:
            return False
        host = (url.hostname or "").rstrip(".")
        return url.scheme == "https" and is_usual and not PRIVATE_HOST.fullmatch(host)

    @api.model
    def _check_keys(self, keys):
        """Return the two keys of a browser; wrong ones would fail at every message."""
        try:
            found = {name: keys[name] for name in ("p256dh", "auth")}
            point, secret = map(base64_decode_with_padding, found.values())
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            is_right = (len(point), len(secret)) == (65, 16)
        except (TypeError, KeyError, ValueError):
            is_right = False
        if not is_right:
            raise ValidationError(
                self.env._("keys: must be p256dh and auth of a browser's subscription.")
            )
        return found

    # --------------------------------------------------------------------- consent
    @api.model
    def _current_word(self):
        service = self.env["customer.preference.service"]
        return service.get_consent(self.env.user.partner_id.id)["channels"]["push"]

    @api.model
    def _say(self, status):
        """Write the word of the user, unless it is already the last one."""
        if self._current_word() != status:
            self.env["customer.preference.service"].record_consent(
                self.env.user.partner_id.id,
                "push",
                status,
                source="portal",
                evidence=self.env._("Notifications of a browser"),
            )
