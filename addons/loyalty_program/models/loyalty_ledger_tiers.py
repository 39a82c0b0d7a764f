from odoo import api, models
from odoo.tools import SQL

from .loyalty_program_levels import RANK


class LoyaltyLedgerTiers(models.AbstractModel):
    """Tiers follow the points: up at once, down when a window closes."""

    _name = "loyalty.ledger.tiers"
    _description = "Loyalty Ledger: tiers"

    @api.model
    def _tier_of(self, standing, movement, now):
        """Return (code, points to the next) with a movement; None leaves what is there.

        Within a window a tier rises here; ``_requalify`` follows what is taken back.

        :param Movement movement: of this moment, not written yet
        """
        programs = self.env["loyalty.program"]
        program = standing.program_id
        if programs._tier_basis(program) == "lifetime":
            return programs._tier_for(program, standing.lifetime)
        if movement.kind != "earn" or movement.points < 0:
            return None, None
        points = self._qualifying_points(standing, now) + movement.points
        tier, missing = programs._tier_for(program, points)
        if RANK[tier] < RANK[standing.tier]:
            return None, programs._missing(program, standing.tier, points)
        return tier, missing

    @api.model
    def _requalify(self, standing, movement, now):
        """Points that were taken back count in no window any more: what lacks to the
        next tier grows at once, and the grace begins if the tier is lost.

        :param Movement movement: as it was written
        """
        programs = self.env["loyalty.program"].sudo()
        is_lifetime = programs._tier_basis(standing.program_id) == "lifetime"
        if is_lifetime or movement.kind != "earn" or movement.points > 0:
            return
        program = programs.browse(standing.program_id)
        self.env["loyalty.tier.evaluation"]._evaluate_program(
            program, SQL("a.id = %s", standing.id), now, history=False
        )
        account = self.env["customer.loyalty"].sudo().browse(standing.id)
        standing.tier = account.current_tier

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
        """Write into the timeline which tier the customer has now.

        :param str former: code of the tier before
        :param int transaction: id of the row that made the change
        """
        accounts = self.env["customer.loyalty"]
        accounts._note_tiers([(standing.id, former, standing.tier)], now)
