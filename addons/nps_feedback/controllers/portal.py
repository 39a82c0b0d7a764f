from odoo import fields, http
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

PAGE = "/my/feedback"
RECENT_ORDERS = 10


class FeedbackPortal(CustomerPortal):
    """What a customer was asked, said, and has not said yet."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "feedback_count" in counters:
            values["feedback_count"] = len(self._open_invitations())
        return values

    @http.route(PAGE, type="http", auth="user", website=True, methods=["GET"])
    def feedback_overview(self, **_get):
        """Questions that are open, answers that were given, orders to rate."""
        return self._render_feedback()

    @http.route(
        f"{PAGE}/rate", type="http", auth="user", website=True, methods=["POST"]
    )
    def rate_order(self, order=None, score=None, comment=None, **_post):
        """Record how content the customer is with an order."""
        try:
            with request.env.cr.savepoint():
                request.env["nps.service"].submit_csat(
                    "order", _number(order), _number(score), comment or None
                )
        except ValidationError as error:
            return self._render_feedback(error=str(error.args[0]))
        return request.redirect(f"{PAGE}?thanks=1")

    # ---------------------------------------------------------------------- values
    def _mine(self):
        """What concerns the person, not a colleague in the same firm."""
        person = request.env.user.partner_id
        own = Domain("addressee_id", "=", person.id)
        return own | (
            Domain("addressee_id", "=", False) & Domain("customer_id", "=", person.id)
        )

    def _open_invitations(self):
        invitations = request.env["nps.invitation"].sudo()
        now = fields.Datetime.now()
        waiting = Domain("answered_at", "=", False) & Domain("sent_at", "!=", False)
        still = Domain("expires_at", ">", now)
        return invitations.search(self._mine() & waiting & still)

    def _responses(self):
        responses = request.env["nps.response"].sudo()
        return responses.search(self._mine(), limit=50)

    def _orders(self):
        orders = request.env["sale.order"]
        person = request.env.user.partner_id
        domain = [("partner_id", "=", person.id), ("state", "=", "sale")]
        return orders.sudo().search(
            domain, order="date_order desc, id desc", limit=RECENT_ORDERS
        )

    def _ratings(self, orders):
        """Return {order id: csat.response} of what the customer said already."""
        about = Domain("context_type", "=", "order")
        about &= Domain("context_id", "in", orders.ids)
        found = request.env["csat.response"].sudo().search(self._mine() & about)
        return {rating.context_id: rating for rating in found}

    def _render_feedback(self, error=None):
        orders = self._orders()
        values = self._prepare_portal_layout_values() | {
            "page_name": "feedback",
            "error": error,
            "thanks": request.params.get("thanks") and not error,
            "invitations": self._open_invitations(),
            "responses": self._responses(),
            "orders": orders,
            "ratings": self._ratings(orders),
        }
        status = 422 if error else 200
        return request.render("nps_feedback.portal_my_feedback", values, status=status)


def _number(text):
    """Return the whole number that a form's text is, else the text itself."""
    try:
        return int(text) if text and text.isascii() and text.isdigit() else text
    except ValueError:
        return text
