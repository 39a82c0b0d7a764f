from werkzeug.exceptions import BadRequest, NotFound

from odoo import fields, http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

PAGE = "/my/onboarding"
# No page tells of more at once.
MAX_SECONDS = 10**9
ICONS = {
    "email": "fa-envelope-o",
    "sms": "fa-mobile",
    "push": "fa-bell-o",
    "content": "fa-book",
    "milestone": "fa-flag-checkered",
    "task": "fa-check-square-o",
}


def form(url):
    """Return a route that a form of the page is sent to."""
    return http.route(
        url, type="http", auth="user", website=True, methods=["POST"], sitemap=False
    )


class OnboardingPortal(CustomerPortal):
    """The pages on which customers see and do their first steps."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            run = self._run()
            under_way = run.status == "in_progress"
            values["onboarding"] = under_way and self._progress(run)
        return values

    # ------------------------------------------------------------------------- show
    @http.route(
        PAGE,
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def onboarding_page(self, **_get):
        """Where the customer stands, and what comes next."""
        return self._render_page(self._run())

    @http.route(
        f"{PAGE}/<int:row_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
        sitemap=False,
    )
    def onboarding_tutorial(self, row_id, **_get):
        """A tutorial; how long it is looked at, the page itself tells."""
        row = self._row(row_id)
        content = self._content(row)
        if not content:
            raise NotFound
        return request.render(
            "onboarding_journey.portal_tutorial",
            self._prepare_portal_layout_values()
            | {
                "page_name": "onboarding",
                "tutorial": content,
                "row": row,
                "is_open": row.onboarding_id.status == "in_progress"
                and row.status == "pending",
            },
        )

    @http.route(
        "/onboarding/content/<int:content_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def onboarding_content(self, content_id, **_get):
        """A tutorial for who writes it: the website's editor changes it in place."""
        contents = request.env["onboarding.content"]
        if not contents.has_access("read"):
            raise NotFound
        content = contents.search([("id", "=", content_id)])
        if not content:
            raise NotFound
        return request.render(
            "onboarding_journey.content_page",
            {"tutorial": content, "main_object": content},
        )

    # --------------------------------------------------------------------------- do
    @form(f"{PAGE}/done")
    def onboarding_done(self, step="", **_post):
        """Tick a task, or say that a tutorial is read."""
        return self._do(lambda run: run.complete_step(step))

    @form(f"{PAGE}/skip")
    def onboarding_skip(self, step="", **_post):
        """Leave an optional step out."""
        reason = request.env._("Left out by the customer")
        return self._do(lambda run: run.skip_step(step, reason))

    @form(f"{PAGE}/seen")
    def onboarding_seen(self, row="", seconds="", first="", **_post):
        """Count a look at a tutorial; ``navigator.sendBeacon`` tells of it."""
        # A file in the place of a text is none.
        row, seconds = str(row), str(seconds)
        if not (row.isdecimal() and len(row) < 10):
            raise BadRequest("row: a number is needed.")
        if not (seconds.isdecimal() and len(seconds) < 20):
            raise BadRequest("seconds: 0 or more are allowed.")
        found = self._row(int(row))
        if found.onboarding_id.status != "in_progress" or not self._content(found):
            raise NotFound
        now = fields.Datetime.now()
        found._view(min(int(seconds), MAX_SECONDS), bool(first), now)
        takes = self._content(found).estimated_seconds
        if takes and found.status == "pending" and found.time_spent_seconds >= takes:
            run = self._as_user(found.onboarding_id)
            run.complete_step(found.step_id)
        return request.make_response("", status=204)

    def _do(self, action):
        run = self._run()
        if not run:
            return request.redirect(PAGE)
        try:
            with request.env.cr.savepoint():
                action(self._as_user(run))
        except ValidationError as error:
            return self._render_page(run, str(error.args[0]))
        return request.redirect(PAGE)

    # ------------------------------------------------------------------------ parts
    def _as_user(self, run):
        return run.with_env(request.env)

    def _run(self):
        """Return the user's journey, if it is not of the control group."""
        customer = request.env.user.partner_id.commercial_partner_id
        run = request.env["onboarding.service"]._current(customer)
        return run.browse() if run.is_holdout else run

    def _row(self, number):
        """Return one of the user's own steps."""
        row = self._run().completion_ids.filtered(lambda r: r.id == number)
        if not row:
            raise NotFound
        return row

    def _content(self, row):
        """Return the tutorial of a step, if it has one."""
        steps = row.onboarding_id._steps_by_run()[row.onboarding_id.id]
        step = steps.get(row.step_id)
        return step.content_id if step and step.kind == "content" else None

    def _progress(self, run):
        """Return what a page shows: the steps of the customer, messages left out."""
        found = run._progress(fields.Datetime.now())
        rows = {row.step_id: row for row in run.completion_ids}
        steps = run._steps_by_run()[run.id]
        shown = []
        for values in found["steps"]:
            step = steps[values["id"]]
            if step.kind == "message":
                continue
            values["row"] = rows[values["id"]]
            values["step"] = step
            values["icon"] = ICONS[step.type]
            shown.append(values)
        waiting = [v for v in shown if v["status"] == "pending" and v["opened_at"]]
        percent = round(run.completion_rate)
        return {
            **found,
            "run": run,
            "steps": shown,
            "next": waiting[0] if waiting else None,
            "percent": 100 if run.status == "completed" else percent,
        }

    def _has_shop(self):
        return "website_sale" in request.env.registry._init_modules

    def _render_page(self, run, error=None):
        values = self._prepare_portal_layout_values() | {
            "page_name": "onboarding",
            "progress": self._progress(run) if run else None,
            "error": error,
            "shop_url": "/shop" if self._has_shop() else "/",
        }
        return request.render("onboarding_journey.portal_my_onboarding", values)
