from odoo import fields, http
from odoo.http import request

from ..tools.invitation import COOKIE, DAYS, Invitation, sign


class ReferralController(http.Controller):
    """Where friends arrive who follow a member's link."""

    @http.route(
        "/refer/<string:code>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def refer(self, code):
        """Welcome a friend. The browser remembers the invitation, nothing else does."""
        account = request.env["customer.loyalty"]._by_code(code)
        user = request.env.user
        accounts = account._of_user(user)
        values = {
            "account": account,
            "rule": account.program_id._referral_rule(),
            "is_own": bool(account) and account in accounts,
            "is_known": not user._is_public(),
            "can_sign_up": user.sudo()._get_signup_invitation_scope() == "b2c",
            "days": DAYS,
        }
        response = request.render(
            "loyalty_program.refer_page", values, status=200 if account else 404
        )
        if account and not values["is_own"]:
            self._remember(response, account.referral_code)
        return response

    def _remember(self, response, code):
        invitation = Invitation(code, fields.Datetime.now())
        response.set_cookie(
            COOKIE,
            sign(request.env, invitation),
            max_age=DAYS * 24 * 3600,
            expires=None,
            secure=request.httprequest.scheme == "https",
            httponly=True,
            samesite="Lax",
        )
