from odoo import api, models
from odoo.tools import SQL

from ..const import TIERS


class LoyaltyLedgerTiers(models.AbstractModel):
    """Tiers follow the points: up at once, down when a window closes."""

    _name = "loyalty.ledger.tiers"
    _description = "Loyalty Ledger: tiers"

    @api.model
    def _tier_of(self, standing, movement, now):
        """Return (code, points to the next) with a movement; (None, None) leaves both.

        Within a window a tier rises here; only the nightly job lowers it, after the
        grace.

        :param Movement movement: of this moment, not written yet; None for none
        """
        programs = self.env["loyalty.program"]
        program = standing.program_id
        if programs._tier_basis(program) == "lifetime":
            return programs._tier_for(program, standing.lifetime)
        if movement is None or movement.kind != "earn" or movement.points < 0:
            return None, None
        points = self._qualifying_points(standing, now) + movement.points
        tier, missing = programs._tier_for(program, points)
        codes = [code for code, _label in TIERS]
        if codes.index(tier) < codes.index(standing.tier):
            return None, None
        return tier, missing

    def _qualifying_points(self, standing, now):
        evaluation = self.env["loyalty.tier.evaluation"]
        program = self.env["loyalty.program"].sudo().browse(standing.program_id)
        rows = self.env.execute_query(
            SQL(
                "SELECT q.points::float8 FROM customer_loyalty a"
                " CROSS JOIN LATERAL (%s) q WHERE a.id = %s",
                evaluation._qualifying_query(program, now),
                standing.id,
            )
        )
        return rows[0][0]

    @api.model
    def _on_tier_changed(self, standing, former, transaction, now):
        """Tell the customer who rose, and write it into the timeline.

        :param str former: code of the tier before
        :param int transaction: id of the row that made the change
        """
        accounts = self.env["customer.loyalty"]
        accounts._tell_tiers([(standing.id, former, standing.tier)], now)
