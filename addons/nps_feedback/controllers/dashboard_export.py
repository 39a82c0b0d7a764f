from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import content_disposition, request

from odoo.addons.customer_lifecycle.controllers.dashboard_export import (
    MIME_TYPES,
    DashboardExport,
)

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
        if file_format not in MIME_TYPES:
            raise NotFound
        service = request.env["nps.service"].with_context(
            allowed_company_ids=self._company_ids(companies)
        )
        service.env["lifecycle.engine"]._check_manager()
        number = self._survey_id(survey)
        data = service.get_dashboard(date_from, date_to, number)
        words = service._every_verbatim(date_from, date_to, number)
        build = {"csv": self._as_csv, "xlsx": self._as_xlsx}[file_format]
        content = build(tables(service.env, data, words))
        name = "-".join(filter(None, ["feedback", date_from, date_to]))
        headers = [
            ("Content-Type", MIME_TYPES[file_format]),
            ("Content-Disposition", content_disposition(f"{name}.{file_format}")),
        ]
        return request.make_response(content, headers)

    def _survey_id(self, survey):
        try:
            return int(survey) if survey else None
        except ValueError:
            raise ValidationError(
                request.env._("survey: %s is no number of a survey.", survey[:50])
            ) from None
