from odoo import api, models
from odoo.tools import SQL

from ..const import FRESH_DAYS

POINTS = 10


class LifecycleScores(models.AbstractModel):
    _inherit = "lifecycle.scores"

    @api.model
    def _engagement_score_parts(self):
        """An answer that is not older than a year adds to the engagement score."""
        # A day later at most, whatever the company's zone: the hour does not matter.
        fresh = SQL("s.nps_collected_at::date >= s.today - %s", FRESH_DAYS)
        return {
            **super()._engagement_score_parts(),
            "nps": {
                "points": SQL(
                    """CASE WHEN %s THEN CASE s.nps_category WHEN 'promoter' THEN 10
                            WHEN 'passive' THEN 5 ELSE 0 END ELSE 0 END""",
                    fresh,
                ),
                "attainable": SQL("CASE WHEN %s THEN %s ELSE 0 END", fresh, POINTS),
                "changes": [SQL("s.nps_collected_at::date + %s", FRESH_DAYS + 1)],
                "columns": ["nps_category", "nps_collected_at"],
            },
        }

    @api.model
    def _feedback_expression(self):
        """Promoters 1, passives and the silent 0.5, detractors 0."""
        return SQL(
            """CASE s.nps_category WHEN 'promoter' THEN 1.0 WHEN 'detractor' THEN 0.0
                    ELSE 0.5 END::float8"""
        )
