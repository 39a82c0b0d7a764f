from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.customer_lifecycle.controllers.dashboard_export import DashboardExport

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
        service = self._reporter("loyalty.service", file_format, companies)
        data = service.get_dashboard(self._program_id(program))
        if not data["program"]:
            raise NotFound
        return self._download(tables(service.env, data), file_format, "loyalty")

    def _program_id(self, program):
        if not program:
            return None
        if not program.isdecimal():
            raise ValidationError(request.env._("program: %s is no id.", program[:50]))
        return int(program)
