from odoo import api, models


class JourneyChannel(models.AbstractModel):
    _inherit = "journey.channel"

    @api.model
    def _issue_codes(self, step, items, now):
        """Offers of points credit them; without any, do as the step says.

        A later step names what an earlier one gave, as it would repeat its code.
        """
        offer = step.definition_id.offer_id
        if not offer._is_bonus():
            return super()._issue_codes(step, items, now)
        gifts, refusals = offer._give_points(items, now)
        for item in items:
            item.gift = gifts.get(item.run_id, 0)
            if item.run_id in refusals and step.without_offer == "skip":
                item.skip(refusals[item.run_id])
        return None
