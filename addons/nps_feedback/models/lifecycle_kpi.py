from datetime import timedelta

from odoo import models


class LifecycleEngine(models.AbstractModel):
    """The score on the dashboard of the lifecycle."""

    _inherit = "lifecycle.engine"

    def _kpi_cards(self, date_from, date_to):
        policy = self._policies()[:1]
        card = {
            "key": "nps",
            "label": self.env._("NPS"),
            "target": policy.nps_target,
            "unit": "",
            "is_score": True,
            "domain": [("nps_category", "!=", False)],
        }
        return [*super()._kpi_cards(date_from, date_to), card]

    def _kpi_values(self, date_from, date_to):
        now, previous = super()._kpi_values(date_from, date_to)
        days = (date_to - date_from).days + 1
        before = date_from - timedelta(days=days)
        figures = self.env["nps.figures"]
        last = date_from - timedelta(days=1)
        now["nps"] = figures._summary(date_from, date_to)["nps"]
        previous["nps"] = figures._summary(before, last)["nps"]
        return now, previous
