import secrets
from urllib.parse import quote, urlencode

from odoo import fields, http
from odoo.http import request
from odoo.tools import formatLang

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..const import TRANSACTION_TYPES
from ..tools.invitation import DAYS, followed

PAGE = "/my/loyalty"
LATEST = 5


def read_page(*urls):
    """Return a route that shows an own page: on a cursor that cannot write."""
    return http.route(
        list(urls),
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )


def form(url):
    """Return a route that a form of the portal is sent to."""
    return http.route(
        url, type="http", auth="user", website=True, methods=["POST"], sitemap=False
    )


class LoyaltyPortal(CustomerPortal):
    """The pages on which members see what they have, and how it came."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            accounts = request.env["customer.loyalty"]
            user = request.env.user
            account = accounts._of_user(user)[:1]
            values["loyalty_account"] = account
            values["is_loyalty_open"] = bool(account or accounts._joinable(user))
            values["loyalty_points"] = self._points(account._spendable())
        return values

    # -------------------------------------------------------------------------- show
    @read_page(PAGE)
    def loyalty_page(self, **_get):
        """Where the member stands."""
        account = self._account()
        if not account:
            return self._render_join()
        transactions = request.env["loyalty.transaction"].sudo()
        return self._render(
            "portal_my_loyalty",
            account,
            latest=transactions.search(
                [("loyalty_id", "=", account.id)], limit=LATEST, order="id desc"
            ),
            expiring=account._expiring(),
            next_tier=account._next_tier(),
            benefits=account._benefits(),
            ways=self._ways(account.program_id),
            joinable=request.env["customer.loyalty"]._joinable(request.env.user),
            code="",
        )

    @read_page(f"{PAGE}/history", f"{PAGE}/history/page/<int:page>")
    def loyalty_history(self, page=1, filterby="all", **_get):
        """Every movement of points, the newest first."""
        account = self._account()
        if not account:
            return request.redirect(PAGE)
        filters = self._history_filters()
        filterby = filterby if filterby in filters else "all"
        domain = [("loyalty_id", "=", account.id), *filters[filterby]["domain"]]
        transactions = request.env["loyalty.transaction"].sudo()
        url_args = {"filterby": filterby, "account": account.id}
        pages = pager(
            url=f"{PAGE}/history",
            url_args=url_args,
            total=transactions.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        rows = transactions.search(
            domain, order="id desc", limit=self._items_per_page, offset=pages["offset"]
        )
        return self._render(
            "portal_my_loyalty_history",
            account,
            rows=rows,
            pager=pages,
            filterby=filterby,
            history_filters=filters,
        )

    @read_page(f"{PAGE}/rewards")
    def loyalty_rewards(self, **_get):
        """What points buy."""
        account = self._account()
        if not account:
            return request.redirect(PAGE)
        return self._render_rewards(account)

    @read_page(f"{PAGE}/codes")
    def loyalty_codes(self, fresh=None, **_get):
        """The codes that points were redeemed into."""
        account = self._account()
        if not account:
            return request.redirect(PAGE)
        return self._render(
            "portal_my_loyalty_codes", account, codes=account._codes(), fresh=fresh
        )

    @read_page(f"{PAGE}/invite")
    def loyalty_invite(self, **_get):
        """The member's link, and what became of the friends who followed it."""
        account = self._account()
        if not account:
            return request.redirect(PAGE)
        return self._render(
            "portal_my_loyalty_invite",
            account,
            rule=account.program_id._referral_rule(),
            link=account._referral_link(),
            referrals=account.referral_ids,
            rewarded=len(account._rewarded_this_year(fields.Datetime.now())),
            days=DAYS,
            url_encode=urlencode,
            mail_query=self._mail_query,
        )

    # -------------------------------------------------------------------------- join
    @form(f"{PAGE}/join")
    def loyalty_join(self, program_id="", code="", **_post):
        """Open an account; who was invited says so by the code."""
        programs = request.env["customer.loyalty"]._joinable(request.env.user)
        program = programs.filtered(lambda p: str(p.id) == program_id)
        if not program:
            return request.redirect(PAGE)
        partner = request.env.user.partner_id
        account = request.env["customer.loyalty"].sudo()._join(program, partner, code)
        return request.redirect(f"{PAGE}?account={account.id}&welcome=1")

    # ----------------------------------------------------------------------- helpers
    def _account(self):
        """Return the account that the page is about: an own one, or none."""
        accounts = request.env["customer.loyalty"]._of_user(request.env.user)
        wanted = request.params.get("account")
        return accounts.filtered(lambda a: str(a.id) == wanted)[:1] or accounts[:1]

    def _points(self, points):
        """Return points as people read them."""
        digits = 0 if points == int(points) else 2
        return formatLang(request.env, points, digits=digits)

    def _mail_query(self, text):
        """Return the part of a mailto link that says what is written; spaces there
        are no plus signs.
        """
        subject = request.env._("An invitation for you")
        return urlencode({"subject": subject, "body": text}, quote_via=quote)

    def _history_filters(self):
        """Return {key of the filter: label, domain}."""
        field = request.env["loyalty.transaction"]._fields["transaction_type"]
        labels = dict(field._description_selection(request.env))
        found = {"all": {"label": request.env._("All"), "domain": []}}
        for kind, _label in TRANSACTION_TYPES:
            domain = [("transaction_type", "=", kind)]
            found[kind] = {"label": labels[kind], "domain": domain}
        return found

    def _ways(self, program):
        """Return [(how to earn, points)] of a program."""
        field = request.env["loyalty.earning.rule"]._fields["type"]
        labels = dict(field._description_selection(request.env))
        found = []
        if program.points_per_currency:
            unit = formatLang(request.env, 1, currency_obj=program.currency_id)
            text = request.env._("Every %s of an order", unit)
            found.append((text, self._points(program.points_per_currency)))
        for rule in program.earning_rule_ids:
            found.append((labels[rule.type], self._points(rule.points)))
        return found

    def _render(self, template, account, **values):
        layout = self._prepare_portal_layout_values()
        return request.render(
            f"loyalty_program.{template}",
            layout
            | {
                "page_name": "loyalty",
                "page": template,
                "account": account,
                "accounts": account._of_user(request.env.user),
                "program": account.program_id,
                "points": self._points,
                "may_give": account._may_give(request.env.user),
                # Whoever sends a form twice asks for one thing.
                "once": secrets.token_urlsafe(16),
                "params": request.params,
            }
            | values,
        )

    def _render_join(self, error=None):
        programs = request.env["customer.loyalty"]._joinable(request.env.user)
        invitation = followed(request.env)
        values = self._prepare_portal_layout_values() | {
            "page_name": "loyalty",
            "programs": programs,
            "ways": {program: self._ways(program) for program in programs},
            "points": self._points,
            "code": invitation.code if invitation else "",
            "error": error,
        }
        return request.render("loyalty_program.portal_my_loyalty_join", values)

    def _render_rewards(self, account, error=None):
        return self._render(
            "portal_my_loyalty_rewards",
            account,
            catalogue=account._catalogue(),
            error=error,
        )
