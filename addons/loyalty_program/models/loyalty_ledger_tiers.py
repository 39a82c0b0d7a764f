from odoo import api, models


class LoyaltyLedgerTiers(models.AbstractModel):
    """Tiers follow the points: up at once, down when a window closes."""

    _name = "loyalty.ledger.tiers"
    _description = "Loyalty Ledger: tiers"

    @api.model
    def _tier_of(self, standing, now):
        """Return (code, points to the next) after a movement; (None, None) leaves both.

        Points that count within a window may raise a tier here; only the nightly job
        lowers it, after the grace.
        """
        programs = self.env["loyalty.program"]
        basis = programs._tier_basis(standing.program_id)
        if basis == "lifetime":
            return programs._tier_for(standing.program_id, standing.lifetime)
        return None, None

    @api.model
    def _on_tier_changed(self, standing, former, transaction, now):
        """Tell the customer who rose, and write it into the timeline.

        :param str former: code of the tier before
        :param int transaction: id of the row that made the change
        """
        accounts = self.env["customer.loyalty"].sudo()
        accounts.browse(standing.id)._tell_tier(former, standing.tier, now)
