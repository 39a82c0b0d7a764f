from odoo import http
from odoo.http import Response, request

from ..models.contact_unsubscribe import CONFIRM

PAGE = "/contact/unsubscribe/<string:token>"


class UnsubscribeController(http.Controller):
    """Pages for whoever has the link of a message; looking changes nothing."""

    @http.route(
        PAGE, type="http", auth="public", website=True, methods=["GET"], sitemap=False
    )
    def unsubscribe_page(self, token):
        """Ask what to stop."""
        ticket = request.env["contact.unsubscribe"]._read_token(token)
        return self._render(token, ticket)

    @http.route(
        PAGE, type="http", auth="public", website=True, methods=["POST"], sitemap=False
    )
    def unsubscribe(self, token, scope="topic", **_post):
        """Stop the topic or everything, or take it back."""
        links = request.env["contact.unsubscribe"]
        ticket = links._read_token(token)
        evidence = request.env._("Unsubscribe page")
        if not ticket or scope not in ("topic", "everything", "resume"):
            return self._render(token, None)
        if scope == "resume":
            links._resume(ticket, evidence)
        else:
            links._stop(ticket, evidence, everything=scope == "everything")
        return self._render(token, ticket, done=scope)

    # Mail programs call this without a session (RFC 8058).
    @http.route(
        f"{PAGE}/oneclick",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        sitemap=False,
        save_session=False,
    )
    def unsubscribe_oneclick(self, token, **_post):
        """Stop the topic."""
        links = request.env["contact.unsubscribe"]
        ticket = links._read_token(token)
        if not ticket:
            return Response(status=404)
        links._stop(ticket, request.env._("One click in the mail program"))
        return Response(status=200)

    @http.route(
        "/contact/confirm/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET", "POST"],
        sitemap=False,
    )
    def confirm(self, token, **_post):
        """Ask for, and on POST write down, the second yes of a double opt-in."""
        links = request.env["contact.unsubscribe"]
        ticket = links._read_token(token, CONFIRM)
        done = bool(ticket) and request.httprequest.method == "POST"
        if done and not links._confirm(ticket):
            ticket = None
        return request.render(
            "customer_preference.confirm_page",
            {"ticket": ticket, "done": done},
            status=200 if ticket else 404,
        )

    def _render(self, token, ticket, done=None):
        return request.render(
            "customer_preference.unsubscribe_page",
            {"ticket": ticket, "done": done, "token": token},
            status=200 if ticket else 404,
        )
