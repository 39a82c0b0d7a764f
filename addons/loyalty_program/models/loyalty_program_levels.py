from odoo import api, models
from odoo.fields import Command
from odoo.tools import ormcache

from ..const import DEFAULT_TIERS, TIERS
from ..tools.movement import whole_points

RANK = {code: place for place, (code, _label) in enumerate(TIERS)}


class LoyaltyProgramLevels(models.AbstractModel):
    """Which points make which tier, and what a tier makes of points."""

    _name = "loyalty.program.levels"
    _description = "Tiers of a Loyalty Program"

    @api.model
    @ormcache("program_id")
    def _tier_table(self, program_id):
        """Return ((min_points, code, multiplier), ...), the lowest first."""
        tiers = self.sudo().browse(program_id).tier_ids
        return tuple(
            (tier.min_points, tier.code, tier.multiplier)
            for tier in tiers.sorted("min_points")
        )

    @api.model
    @ormcache("program_id")
    def _tier_basis(self, program_id):
        return self.sudo().browse(program_id).tier_basis or "lifetime"

    @api.model
    def _tier_for(self, program_id, points):
        """Return the code of the tier that points reach, and the points that lack to
        the next one (0 at the top).
        """
        table = self._tier_table(program_id)
        code, missing = TIERS[0][0], 0.0
        for min_points, tier, _multiplier in table:
            if points >= min_points:
                code = tier
            else:
                missing = min_points - points
                break
        return code, missing

    @api.model
    def _missing(self, program_id, code, points):
        """Return the points that lack to the tier above one; 0 at the top.

        Who keeps a tier for a while though its points lack is on the way to the one
        above it all the same.

        :param str code: of the tier that the member has
        :param float points: that count for tiers
        """
        goal = self._goal(program_id, code)
        return 0.0 if goal is None else max(goal - max(points, 0), 0)

    @api.model
    def _goal(self, program_id, code):
        """Return the points that make the tier above one, or None at the top."""
        higher = [
            p for p, c, _m in self._tier_table(program_id) if RANK[c] > RANK[code]
        ]
        return min(higher, default=None)

    @api.model
    def _multiplier(self, program_id, code):
        """Return what a tier's members earn, times the ordinary points."""
        for _points, tier, multiplier in self._tier_table(program_id):
            if tier == code:
                return multiplier
        return 1.0

    @api.model
    def _points_for(self, program_id, points, code=None):
        """Return the whole points that a member gets for ordinary ones.

        :param float points: before the tier
        :param str code: of the member's tier; who is no member yet is in the lowest
        """
        code = code or self._first_tier(program_id)
        return whole_points(points * self._multiplier(program_id, code))

    @api.model
    def _first_tier(self, program_id):
        """Return the code of the tier in which members begin."""
        return self._tier_for(program_id, 0)[0]

    @api.model
    def _default_tiers(self):
        """Return {code: values} of the four tiers of the contract."""
        names = dict(TIERS)
        return {
            code: {
                "name": names[code],
                "min_points": points,
                "benefit_ids": [Command.clear()],
            }
            for code, points in DEFAULT_TIERS
        }

    def _ensure_tiers(self):
        """Give programs without tiers the four of the contract."""
        tiers = self._default_tiers()
        self.env["loyalty.tier"].sudo().create(
            [
                {"program_id": program.id, "code": code, **values}
                for program in self
                if not program.tier_ids
                for code, values in tiers.items()
            ]
        )
