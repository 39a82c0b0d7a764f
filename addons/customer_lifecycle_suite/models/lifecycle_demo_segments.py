from odoo import Command, api, models

# How long a customer of one order is silent before the campaign speaks, and then
# counts as lost to it.
SILENT, LOST = 30, 60
REGULARS = "[('total_orders', '>=', 5), ('current_stage', 'in', ['active', 'engaged'])]"
ONCE = (
    f"[('total_orders', '=', 1), ('days_since_last_order', '>=', {SILENT}),"
    f" ('days_since_last_order', '<=', {LOST})]"
)
CODE = "second_order"


class LifecycleDemoSegments(models.AbstractModel):
    """Groups of customers that the demo shop knows by name, and a campaign for one."""

    _inherit = "lifecycle.demo"

    @api.model
    def _start_campaigns(self):
        self._make_segments()
        return super()._start_campaigns()

    @api.model
    def _make_segments(self):
        """Create the segments and the campaign, unless the story was told so far."""
        segments = self.env["customer.segment"]
        company = self.env.company
        campaigns = self.env["engagement.campaign"]
        mine = [("code", "=", CODE), ("company_id", "=", company.id)]
        if campaigns.search_count(mine):
            return
        segments.create({"name": self.env._("Regulars"), "domain": REGULARS})
        once = segments.create({"name": self.env._("Bought once"), "domain": ONCE})
        campaigns.create(
            {
                "name": self.env._("The second order"),
                "code": CODE,
                "description": self.env._(
                    "Who orders a second time stays: a word after a month, then a code."
                ),
                "campaign_type": "re_engagement",
                "company_id": company.id,
                "trigger_config": {"trigger_type": "segment"},
                "target_segment_id": once.id,
                "exclusive_group": "retention",
                "attribution_days": 21,
                "offer_config": {
                    "type": "discount",
                    "value": 10,
                    "code_prefix": "SECOND",
                },
                "step_ids": [Command.create(step) for step in self._segment_steps()],
            }
        )

    @api.model
    def _segment_steps(self):
        templates = ("inactivity_nudge_1", "inactivity_nudge_2")
        first, second = (
            self.env.ref(f"engagement_campaign.mail_template_{name}").id
            for name in templates
        )
        return [
            {
                "sequence": 1,
                "code": "hello",
                "name": self.env._("How was it?"),
                "template_id": first,
            },
            {
                "sequence": 2,
                "code": "offer",
                "name": self.env._("Ten per cent"),
                "delay_hours": 24 * 5,
                "template_id": second,
                "includes_offer": True,
            },
        ]
