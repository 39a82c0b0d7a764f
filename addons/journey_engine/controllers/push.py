from odoo import http
from odoo.http import request
from odoo.tools import file_open

# Pages of the portal; the platform's own worker lives at /odoo.
SCOPE = "/my"
WORKER = "journey_engine/static/src/push/push_worker.js"


class PushPortal(http.Controller):
    """Notifications in the browsers of customers: the platform serves staff only."""

    @http.route(
        "/my/push-worker.js", type="http", auth="user", methods=["GET"], readonly=True
    )
    def push_worker(self):
        """Serve the service worker that shows the notifications."""
        with file_open(WORKER, "rb") as file:
            content = file.read()
        headers = [
            ("Content-Type", "text/javascript; charset=utf-8"),
            # The address of the worker alone would allow no more than /my/.
            ("Service-Worker-Allowed", SCOPE),
            ("Cache-Control", "no-cache"),
        ]
        return request.make_response(content, headers)

    @http.route("/my/push/state", type="jsonrpc", auth="user", website=True)
    def push_state(self, endpoint=None, **_more):
        """Say what the server knows about the user's browser.

        :return: see ``journey.push.browser``, and ``vapid_public_key``
        """
        key = request.env["mail.push.device"].get_web_push_vapid_public_key()
        state = request.env["journey.push.browser"]._state(endpoint)
        return {**state, "vapid_public_key": key}

    @http.route("/my/push/subscribe", type="jsonrpc", auth="user", website=True)
    def push_subscribe(
        self,
        endpoint=None,
        keys=None,
        vapid_public_key=None,
        previous_endpoint=None,
        **_more,
    ):
        """Let the user's browser get notifications; a second time changes nothing.

        :param dict keys: ``p256dh`` and ``auth`` of the browser's subscription
        :param previous_endpoint: the browser itself changed its address: that is no
            word of the person, so it changes no consent
        """
        return request.env["journey.push.browser"]._subscribe(
            endpoint, keys, vapid_public_key, previous_endpoint
        )

    @http.route("/my/push/unsubscribe", type="jsonrpc", auth="user", website=True)
    def push_unsubscribe(self, endpoint=None, **_more):
        """Forget the user's browser; the last one takes the consent along."""
        return request.env["journey.push.browser"]._unsubscribe(endpoint)
