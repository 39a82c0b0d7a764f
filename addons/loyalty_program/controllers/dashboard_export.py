from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import content_disposition, request

from odoo.addons.customer_lifecycle.controllers.dashboard_export import (
    MIME_TYPES,
    DashboardExport,
)

from .dashboard_tables import tables


class LoyaltyDashboardExport(DashboardExport):
    """What the loyalty dashboard shows, as a file, for lifecycle managers."""

    @http.route(
        "/loyalty_program/dashboard/export/<string:file_format>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export_loyalty(self, file_format, program=None, companies="", **_kw):
        if file_format not in MIME_TYPES:
            raise NotFound
        service = request.env["loyalty.service"].with_context(
            allowed_company_ids=self._company_ids(companies)
        )
        service.env["lifecycle.engine"]._check_manager()
        data = service.get_dashboard(self._program_id(program))
        if not data["program"]:
            raise NotFound
        build = {"csv": self._as_csv, "xlsx": self._as_xlsx}[file_format]
        headers = [
            ("Content-Type", MIME_TYPES[file_format]),
            ("Content-Disposition", content_disposition(f"loyalty.{file_format}")),
        ]
        return request.make_response(build(tables(service.env, data)), headers)

    def _program_id(self, program):
        if not program:
            return None
        if not program.isdecimal():
            raise ValidationError(request.env._("program: %s is no id.", program[:50]))
        return int(program)
