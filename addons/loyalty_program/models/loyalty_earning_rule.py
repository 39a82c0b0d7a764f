from odoo import api, fields, models

from odoo.addons.customer_lifecycle.tools.bounds import check_range

from ..const import DIGITS, EARNING_TYPES

MOST = 10**9


class LoyaltyEarningRule(models.Model):
    """Points for something else than an order; those of orders are standard's rules,
    every one of which is asked for every order.
    """

    _name = "loyalty.earning.rule"
    _inherit = "loyalty.cached.mixin"
    _description = "Earning Rule"
    _order = "program_id, sequence, id"
    _rec_name = "type"

    program_id = fields.Many2one(
        "loyalty.program", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    type = fields.Selection(EARNING_TYPES, "For", required=True)
    points = fields.Float(digits=DIGITS, required=True)
    friend_points = fields.Float(
        "For the friend",
        digits=DIGITS,
        help="Of a referral: what the invited friend gets after the first paid order.",
    )

    _type_uniq = models.Constraint(
        "UNIQUE (program_id, type)", "type: a program has one rule of each type."
    )

    @api.constrains("points", "friend_points")
    def _check_points(self):
        for rule in self:
            check_range(rule, "points", 0.01, MOST)
            check_range(rule, "friend_points", 0, MOST)
