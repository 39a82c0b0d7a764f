import re
from urllib.parse import quote, urlencode

from odoo import fields, http
from odoo.exceptions import ValidationError
from odoo.http import request

PAGE = "/feedback/<string:token>"
SCORE = re.compile(r"10|[0-9]")
PHONE = 40


class FeedbackController(http.Controller):
    """The page behind the buttons of a message.

    Scanners follow links, and some run scripts: looking records nothing, whatever the
    address says. Only a form that is sent does.
    """

    @http.route(
        PAGE,
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def feedback_page(self, token, score=None, change=None, **_get):
        """Ask, with the score of the link chosen; or thank."""
        ticket = self._ticket(token)
        chosen = int(score) if SCORE.fullmatch(score or "") else None
        return self._render(token, ticket, chosen, asks_again=bool(change))

    # The token says whose answer it is; a session, which mail programs may not keep,
    # would add nothing.
    @http.route(
        PAGE,
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
        csrf=False,
        sitemap=False,
    )
    def answer(self, token, score=None, comment=None, **post):
        """Record the answer, or what is added to it."""
        ticket = self._ticket(token)
        if not ticket:
            return self._render(token, None)
        try:
            with request.env.cr.savepoint():
                self._record(ticket, score, comment, post)
        except ValidationError as error:
            return self._render(token, ticket, error=str(error.args[0]), status=422)
        return request.redirect(f"/feedback/{token}", code=303)

    # ---------------------------------------------------------------------- record
    def _ticket(self, token):
        links = request.env["nps.link"]
        return links._read_token(token, fields.Datetime.now())

    def _record(self, ticket, score, comment, post):
        values = {}
        if post.get("call") == "1":
            phone = str(post.get("phone") or "").replace("\0", "").strip()[:PHONE]
            values = {"may_call": True, "call_phone": phone or False}
        # A form sends texts; "9.5", "11" and nothing at all stay what they are.
        given = int(score) if SCORE.fullmatch(str(score)) else score
        service = request.env["nps.service"].sudo()
        service._answer(ticket, given, comment, fields.Datetime.now(), **values)

    # ---------------------------------------------------------------------- render
    def _render(
        self, token, ticket, chosen=None, asks_again=False, error=None, status=200
    ):
        values = {"token": token, "ticket": ticket, "error": error, "survey": None}
        if ticket:
            values |= self._about(ticket, chosen, asks_again or error)
        page = request.render(
            "nps_feedback.feedback_page", values, status=status if ticket else 404
        )
        # Pages that are shared or reviewed must not learn the link.
        page.headers["Referrer-Policy"] = "no-referrer"
        page.headers["Cache-Control"] = "no-store"
        return page

    def _about(self, ticket, chosen, asks_again):
        """Return what the page shows of an invitation, in the customer's language."""
        lang = ticket.addressee.lang
        if lang in dict(request.env["res.lang"].get_installed()):
            request.update_context(lang=lang)
        response = ticket.invitation.response_ids[:1]
        is_chosen = chosen is not None
        may_change = not response or response._may_change(fields.Datetime.now())
        return {
            "survey": ticket.survey.with_context(lang=lang),
            "response": response,
            "asks": not response or (asks_again and may_change),
            "may_change": may_change,
            "chosen": chosen if is_chosen else self._given(response),
            "is_chosen_by_link": is_chosen and not response,
            "share": self._share(ticket) if response else {},
        }

    def _given(self, response):
        return response.score if response else None

    def _share(self, ticket):
        survey = ticket.survey
        company = survey.company_id
        url = survey.share_url or company.website or company.get_base_url()
        return {
            "name": company.name,
            "review": survey.review_url,
            "whatsapp": f"https://wa.me/?{urlencode({'text': url})}",
            "mail": f"mailto:?body={quote(url)}",
        }
