from odoo import api, models


class JourneyOfferPart(models.AbstractModel):
    """What belongs to a program: an offer's changes with the offer alone."""

    _name = "journey.offer.part"
    _description = "Part of an Offer's Program"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.program_id._refuse_by_hand()
        return parts

    def write(self, vals):
        # A program passes its archiving on; what it is called harms nobody.
        if not vals.keys() <= {"active", "description"}:
            self.program_id._refuse_by_hand()
        return super().write(vals)

    def unlink(self):
        self.program_id._refuse_by_hand()
        return super().unlink()
