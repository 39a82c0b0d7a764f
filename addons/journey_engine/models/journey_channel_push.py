from odoo import models


class JourneyChannelPush(models.AbstractModel):
    """Notifications in the browsers of customers who subscribed in their portal."""

    _inherit = "journey.channel"

    def _deliver_push(self, step, items, now):
        notes = self.env["journey.renderer"]._render_notes(step, items)
        reached = self.env["journey.push"]._push(
            [
                {
                    "partner_id": item.addressee_id,
                    "title": notes[item.run_id][0],
                    "body": notes[item.run_id][1],
                    "url": step.link or False,
                    "tag": item.key,
                    "company_id": step.definition_id.company_id.id,
                }
                for item in items
            ]
        )
        for item in items:
            if item.addressee_id in reached:
                item.send("sent")
            else:
                item.skip("no_address")
