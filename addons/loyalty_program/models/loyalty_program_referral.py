from odoo import api, fields, models

from odoo.addons.customer_lifecycle.tools.bounds import check_range

from ..const import APART

MOST = 10**6


class LoyaltyProgramReferral(models.AbstractModel):
    """How far a program rewards invitations; how much, its earning rule says."""

    _name = "loyalty.program.referral"
    _description = "Referral of a Loyalty Program"

    referral_limit = fields.Integer(
        "Rewarded referrals per year",
        default=20,
        help="Of one customer, in a calendar year; 0: as many as there are.",
        prefetch=APART,
    )
    referral_min_amount = fields.Float(
        "Referral: order from",
        digits=(16, 2),
        help="What the friend's first order must come to, in the program's currency, "
        "after refunds.",
        prefetch=APART,
    )

    @api.constrains("referral_limit", "referral_min_amount")
    def _check_referral(self):
        for program in self:
            for name in ("referral_limit", "referral_min_amount"):
                check_range(program, name, 0, MOST)

    def _referral_rule(self):
        """Return the earning rule of invitations; empty if they earn nothing now."""
        rules = self._runs().earning_rule_ids
        return rules.filtered(lambda rule: rule.type == "referral")
