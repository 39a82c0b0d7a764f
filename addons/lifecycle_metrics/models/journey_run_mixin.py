from odoo import models

from ..tools.departures import watch_runs


class JourneyRunMixin(models.AbstractModel):
    _inherit = "journey.run.mixin"

    # A scrape counts all runs there ever were: without reading the rows themselves.
    _figures_idx = models.Index("(definition_id, run_state, exit_reason, is_holdout)")

    def init(self):
        result = super().init()
        if not self._abstract:
            watch_runs(self)
        return result
