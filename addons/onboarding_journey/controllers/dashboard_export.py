from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.customer_lifecycle.controllers.dashboard_export import DashboardExport

from .dashboard_tables import tables


class OnboardingDashboardExport(DashboardExport):
    """What the statistics of a journey show, as a file, for lifecycle managers."""

    @http.route(
        "/onboarding_journey/dashboard/export/<string:file_format>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export_onboarding(self, file_format, journey="", companies="", **_kw):
        journeys = self._reporter("onboarding.journey", file_format, companies)
        found = journeys.with_context(active_test=False).search(
            [("id", "=", self._journey_id(journey))]
        )
        if not found:
            self._refuse_journey(journey)
        data = found.get_statistics()
        name = f"onboarding-{data['journey']}"
        return self._download(tables(journeys.env, data), file_format, name)

    def _journey_id(self, text):
        try:
            return int(text)
        except ValueError:
            self._refuse_journey(text)

    def _refuse_journey(self, text):
        raise ValidationError(
            request.env._("journey: %s is no number of a journey of yours.", text[:50])
        )
