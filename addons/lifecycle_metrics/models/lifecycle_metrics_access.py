import hashlib
import logging
import secrets

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import config, consteq

from ..tools.networks import is_inside, parse_networks

_logger = logging.getLogger(__name__)

TOKEN = "lifecycle_metrics.token_hash"
NETWORKS = "lifecycle_metrics.networks"


class LifecycleMetricsAccess(models.AbstractModel):
    """Who may read the metrics: who has the token, or comes from a known network.

    As long as neither is set, nobody.
    """

    _name = "lifecycle.metrics.access"
    _description = "Access to the Metrics"

    @api.model
    def _status(self, request):
        """Return the HTTP status that a request deserves.

        :param request: ``request.httprequest``
        """
        networks, token = self._networks(), self._parameter(TOKEN)
        if not networks and not token:
            return 404
        if self._is_known(request, networks) or self._has_token(request, token):
            return 200
        return 401 if token else 403

    def _is_known(self, request, networks):
        """Whether the request's address is in a network, and is the scraper's own.

        Behind a proxy that Odoo was not told of (``proxy_mode``), or that does not
        introduce itself, everybody has the proxy's address.
        """
        headers = request.headers
        is_resolved = config["proxy_mode"] and "X-Forwarded-Host" in headers
        if not is_resolved and ("X-Forwarded-For" in headers or "Forwarded" in headers):
            return False
        return is_inside(request.remote_addr, networks)

    def _has_token(self, request, known):
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if not known or scheme.lower() != "bearer":
            return False
        return consteq(self._hash(token.strip()), known)

    # -------------------------------------------------------------------- settings
    @api.model
    def _hash(self, token):
        # As long and random as it is, a token needs no slow hash.
        return hashlib.sha256(token.encode()).hexdigest()

    @api.model
    def _renew_token(self):
        """Set a new token and return it; only its hash is kept."""
        token = secrets.token_urlsafe(32)
        self._set_parameter(TOKEN, self._hash(token))
        return token

    @api.model
    def _withdraw_token(self):
        self._set_parameter(TOKEN, False)

    @api.model
    def _has_any_token(self):
        return bool(self._parameter(TOKEN))

    @api.model
    def _networks(self):
        """Return the networks that may read the metrics; none of a spoiled setting."""
        try:
            return parse_networks(self._parameter(NETWORKS))
        except ValueError as error:
            _logger.warning("%s: %s", NETWORKS, error)
            return []

    @api.model
    def _set_networks(self, text):
        """Let whoever comes from these networks read the metrics.

        :param str text: networks or addresses, between commas or white space
        :raises ValidationError: something in it is none
        """
        try:
            networks = ", ".join(map(str, parse_networks(text)))
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "metrics_networks: %(error)s. Allowed are networks such as"
                    " 10.0.0.0/8 and addresses such as 192.0.2.7 or ::1.",
                    error=error,
                )
            ) from error
        if networks != (self._parameter(NETWORKS) or ""):
            self._set_parameter(NETWORKS, networks)

    def _parameter(self, name):
        return self.env["ir.config_parameter"].sudo().get_param(name)

    def _set_parameter(self, name, value):
        self.env["ir.config_parameter"].sudo().set_param(name, value)
