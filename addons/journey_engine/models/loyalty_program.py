from odoo import fields, models
from odoo.exceptions import UserError

# What an offer decides; dates, shops and pricelists stay the sales manager's.
OF_THE_OFFER = {
    "applies_on",
    "company_id",
    "currency_id",
    "is_personal",
    "program_type",
    "reward_ids",
    "rule_ids",
    "trigger",
}


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    offer_ids = fields.One2many("journey.offer", "program_id", readonly=True)

    def write(self, vals):
        if not OF_THE_OFFER.isdisjoint(vals):
            self._refuse_by_hand()
        return super().write(vals)

    def _refuse_by_hand(self):
        """Offers change their programs as superuser; nobody else does."""
        if not self.env.su and self.sudo().with_context(active_test=False).offer_ids:
            raise UserError(
                self.env._(
                    "This program belongs to an offer of the journeys: change the "
                    "offer instead."
                )
            )
