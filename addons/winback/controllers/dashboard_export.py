from odoo import http

from odoo.addons.customer_lifecycle.controllers.dashboard_export import DashboardExport

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
        service = self._reporter("winback.service", file_format, companies)
        data = service.get_dashboard(date_from, date_to)
        return self._download(tables(service.env, data), file_format, "win-back")
