from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import DIGITS, TIERS
from ..tools.source import TOGETHER


class LoyaltyTier(models.Model):
    """A level of a program: reached with points, and worth its benefits."""

    _name = "loyalty.tier"
    _inherit = "loyalty.cached.mixin"
    _description = "Loyalty Tier"
    _order = "program_id, min_points, id"

    program_id = fields.Many2one(
        "loyalty.program", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True)
    name = fields.Char(required=True, translate=True)
    code = fields.Selection(TIERS, required=True)
    min_points = fields.Float("From", digits=DIGITS, required=True)
    benefit_ids = fields.One2many(
        "loyalty.tier.benefit", "tier_id", "Benefits", copy=True
    )
    multiplier = fields.Float(compute="_compute_multiplier", digits=(6, 3))
    member_count = fields.Integer("Members", compute="_compute_member_count")
    color = fields.Integer(compute="_compute_color")

    _code_uniq = models.Constraint(
        "UNIQUE (program_id, code)", "code: a program has each tier once."
    )
    _points_check = models.Constraint(
        "CHECK (min_points >= 0)", "min_points: a tier begins at 0 points or more."
    )

    @api.depends("benefit_ids.type", "benefit_ids.value")
    def _compute_multiplier(self):
        for tier in self:
            values = tier.benefit_ids.filtered(lambda b: b.type == "points_multiplier")
            tier.multiplier = values[:1].value or 1.0

    def _compute_color(self):
        colors = {"bronze": 2, "silver": 0, "gold": 3, "platinum": 4}
        for tier in self:
            tier.color = colors.get(tier.code, 0)

    def _compute_member_count(self):
        groups = self.env["customer.loyalty"]._read_group(
            [("program_id", "in", self.program_id.ids)],
            ["program_id", "current_tier"],
            ["__count"],
        )
        counts = {(program, code): count for program, code, count in groups}
        for tier in self:
            tier.member_count = counts.get((tier.program_id, tier.code), 0)

    @api.constrains("code", "min_points", "program_id")
    def _check_order(self):
        """A higher tier needs more points, and the lowest is where everybody is."""
        if self.env.context.get("loyalty_tiers") is TOGETHER:
            return
        rank = {code: place for place, (code, _label) in enumerate(TIERS)}
        for program in self.program_id:
            tiers = program.tier_ids.sorted(lambda t: rank[t.code])
            points = tiers.mapped("min_points")
            if points != sorted(set(points)) or (points and points[0] != 0):
                raise ValidationError(
                    self.env._(
                        "tiers: min_points must begin at 0 and rise from tier to tier "
                        "(bronze, silver, gold, platinum)."
                    )
                )

    def action_open_members(self):
        """Open the accounts of the tier."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "loyalty_program.customer_loyalty_action"
        )
        return {
            **action,
            "domain": [
                ("program_id", "=", self.program_id.id),
                ("current_tier", "=", self.code),
            ],
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "context": {},
        }
