from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import ormcache

from odoo.addons.customer_lifecycle.tools.bounds import check_range

from ..const import APART, DIGITS

MOST = 10**9
MAX_HOURS = 24 * 366


class Limits(NamedTuple):
    """What one customer may do in a program; 0: as much as he likes."""

    earning: float
    redemption: float
    earnings: int
    hours: int


class LoyaltyProgramLimits(models.AbstractModel):
    """What looks like fraud: a person looks at it before it counts."""

    _name = "loyalty.program.limits"
    _description = "Limits of a Loyalty Program"

    daily_earning_cap = fields.Float(
        "Points earned a day, at most",
        digits=DIGITS,
        help="What a customer earns beyond it on one day is held for review, not "
        "lost. 0: no limit.",
        prefetch=APART,
    )
    daily_redemption_cap = fields.Float(
        "Points redeemed a day, at most",
        digits=DIGITS,
        help="Redeeming more on one day, or giving it to other members, is refused. "
        "0: no limit.",
        prefetch=APART,
    )
    velocity_limit = fields.Integer(
        "Earnings in some hours, at most",
        help="Who earns more often within the hours has the rest held for review. "
        "0: no limit.",
        prefetch=APART,
    )
    velocity_hours = fields.Integer("Those hours", default=24, prefetch=APART)
    held_count = fields.Integer("Held for review", compute="_compute_held_count")

    def _compute_held_count(self):
        counts = dict(
            self.env["loyalty.pending"]
            .sudo()
            ._read_group(
                [("program_id", "in", self.ids), ("state", "=", "held")],
                ["program_id"],
                ["__count"],
            )
        )
        for program in self:
            program.held_count = counts.get(program, 0)

    @api.constrains(
        "daily_earning_cap", "daily_redemption_cap", "velocity_limit", "velocity_hours"
    )
    def _check_limits(self):
        for name, least, most in (
            ("daily_earning_cap", 0, MOST),
            ("daily_redemption_cap", 0, MOST),
            ("velocity_limit", 0, MOST),
            ("velocity_hours", 1, MAX_HOURS),
        ):
            for program in self:
                check_range(program, name, least, most)

    def write(self, vals):
        result = super().write(vals)
        if any(name.startswith(("daily_", "velocity_")) for name in vals):
            self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache("program_id")
    def _limits(self, program_id):
        """Return the Limits of a program."""
        program = self.sudo().browse(program_id)
        return Limits(
            program.daily_earning_cap,
            program.daily_redemption_cap,
            program.velocity_limit,
            program.velocity_hours,
        )
