from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

from odoo.addons.customer_lifecycle.controllers.dashboard_export import (
    MIME_TYPES,
    DashboardExport,
)

from .dashboard_tables import tables


class WinbackDashboardExport(DashboardExport):
    """What the win-back results show, as a file, for lifecycle managers."""

    @http.route(
        "/winback/dashboard/export/<string:file_format>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export_winback(
        self, file_format, date_from=None, date_to=None, companies="", **_kw
    ):
        if file_format not in MIME_TYPES:
            raise NotFound
        service = request.env["winback.service"].with_context(
            allowed_company_ids=self._company_ids(companies)
        )
        service.env["lifecycle.engine"]._check_manager()
        data = service.get_dashboard(date_from, date_to)
        build = {"csv": self._as_csv, "xlsx": self._as_xlsx}[file_format]
        headers = [
            ("Content-Type", MIME_TYPES[file_format]),
            ("Content-Disposition", content_disposition(f"win-back.{file_format}")),
        ]
        return request.make_response(build(tables(service.env, data)), headers)
