import logging

from odoo import SUPERUSER_ID, http
from odoo.http import request

_logger = logging.getLogger(__name__)


class MetricsController(http.Controller):
    """The page that Prometheus scrapes: for machines, whoever is logged in."""

    # Sessions are files: a scrape leaves none behind. Not from a replica (readonly):
    # where one lags behind another, counters would seem to fall, that is to start
    # anew. The scrape itself refuses to write.
    @http.route(
        "/metrics",
        type="http",
        auth="none",
        methods=["GET"],
        readonly=False,
        save_session=False,
        sitemap=False,
    )
    def metrics(self, **_query):
        """Serve every figure in the format that the scraper asks for."""
        env = request.env(user=SUPERUSER_ID, context={})
        status = env["lifecycle.metrics.access"]._status(request.httprequest)
        if status != 200:
            _logger.info("%s may not read the metrics", request.httprequest.remote_addr)
            return self._refuse(env, status)
        accept = request.httprequest.headers.get("Accept", "")
        body, content_type = env["lifecycle.metrics"]._scrape(accept)
        return request.make_response(body, self._headers(content_type))

    def _refuse(self, env, status):
        reasons = {
            401: env._("The metrics need a valid token: Authorization: Bearer ..."),
            403: env._("The metrics are not for this address."),
            404: env._("The metrics are open to nobody yet: see Settings."),
        }
        headers = self._headers("text/plain; charset=utf-8")
        if status == 401:
            headers.append(("WWW-Authenticate", 'Bearer realm="metrics"'))
        return request.make_response(reasons[status], headers, status=status)

    def _headers(self, content_type):
        return [("Content-Type", content_type), ("Cache-Control", "no-store")]
