from odoo import api, models
from odoo.tools import SQL

from ..const import TIER_SCORES

ATTAINABLE = max(TIER_SCORES.values())


class LifecycleScores(models.AbstractModel):
    _inherit = "lifecycle.scores"

    @api.model
    def _engagement_score_parts(self):
        """The tier adds to the engagement score of those who have an account."""
        cases = [
            SQL("WHEN %s THEN %s", tier, points) for tier, points in TIER_SCORES.items()
        ]
        return {
            **super()._engagement_score_parts(),
            "loyalty": {
                "points": SQL(
                    "CASE s.loyalty_tier %s ELSE 0 END", SQL(" ").join(cases)
                ),
                "attainable": SQL(
                    "CASE WHEN s.loyalty_tier IS NULL THEN 0 ELSE %s END", ATTAINABLE
                ),
                "columns": ["loyalty_tier"],
            },
        }
