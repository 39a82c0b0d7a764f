from odoo import api, fields, models
from odoo.tools import SQL

from ..const import STATUSES
from ..tools.documents import of_event, of_run, same_documents


class CampaignEnrollment(models.Model):
    """One pass of one customer through a campaign.

    ``status`` is the contract's; rows are written in SQL by the scheduler, and what
    they converted to is read from the orders each time something happens to them.
    """

    _name = "campaign.enrollment"
    _description = "Campaign Enrolment"
    _inherit = ["journey.conversion"]

    definition_id = fields.Many2one(
        "engagement.campaign", required=True, ondelete="cascade", readonly=True
    )
    # The name of the contract; the engine calls it the definition.
    campaign_id = fields.Many2one(
        "engagement.campaign", required=True, ondelete="cascade", readonly=True
    )
    step_id = fields.Many2one(
        "engagement.campaign.step", required=True, ondelete="restrict", readonly=True
    )
    status = fields.Selection(STATUSES, required=True, default="active", readonly=True)
    enrolled_at = fields.Datetime("Enrolled", related="started_at")
    recovered_at = fields.Datetime(
        readonly=True,
        help="When the goal of a rescue was first reached within its window. Noted "
        "once: neither an order that is cancelled nor a campaign that becomes another "
        "type takes it back, as counters must never fall.",
    )
    context = fields.Json("What the trigger knew", readonly=True)

    _status_idx = models.Index("(campaign_id, status)")
    _recovered_idx = models.Index("(company_id) WHERE recovered_at IS NOT NULL")

    @api.model
    def _on_ended(self, ids, now):
        result = super()._on_ended(ids, now)
        for campaign in self.browse(ids).definition_id:
            if campaign.trigger_type == "milestone" and campaign.is_active:
                campaign._enter_missed(ids, now)
        return result

    @api.model
    def _answers_sql(self, run="r", event="e"):
        """A payment answers for what had not been paid, not for anything."""
        return same_documents(of_run(run), of_event(event))

    def _settled_columns(self, campaign):
        return {
            "recovered_at": SQL(
                """coalesce(r.recovered_at, CASE
                       WHEN %s AND r.is_holdout IS NOT TRUE THEN k.happened_at END)""",
                campaign._is_rescue(),
            )
        }

    def _mark_converted(self, order, value):
        result = super()._mark_converted(order, value)
        if self.definition_id._is_rescue() and not self.recovered_at:
            self.recovered_at = self.converted_at
        return result
