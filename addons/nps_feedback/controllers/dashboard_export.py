from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.customer_lifecycle.controllers.dashboard_export import DashboardExport

from .dashboard_tables import tables


class FeedbackDashboardExport(DashboardExport):
    """Everything the dashboard of feedback shows, as a file, for managers."""

    @http.route(
        "/nps_feedback/dashboard/export/<string:file_format>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export_feedback(
        self,
        file_format,
        date_from=None,
        date_to=None,
        survey=None,
        companies="",
        **_kw,
    ):
        """Download the figures and the words of a period."""
        service = self._reporter("nps.service", file_format, companies)
        number = self._survey_id(survey)
        data = service.get_dashboard(date_from, date_to, number)
        words = service._every_verbatim(date_from, date_to, number)
        name = "-".join(filter(None, ["feedback", date_from, date_to]))
        return self._download(tables(service.env, data, words), file_format, name)

    def _survey_id(self, survey):
        try:
            return int(survey) if survey else None
        except ValueError:
            raise ValidationError(
                request.env._("survey: %s is no number of a survey.", survey[:50])
            ) from None
