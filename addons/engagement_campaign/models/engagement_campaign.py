from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.customer_lifecycle.const import STAGES
from odoo.addons.customer_lifecycle.tools.bounds import check_range
from odoo.addons.customer_lifecycle.tools.json_view import JsonView, domain_of
from odoo.addons.journey_engine.tools.conditions import condition_json

from ..const import CAMPAIGN_TYPES


class EngagementCampaign(models.Model):
    """A journey that customers enter by what they do, or do not do."""

    _name = "engagement.campaign"
    _description = "Campaign"
    _inherit = [
        # Before the engine's: they refine what it does.
        "engagement.sentence",
        "engagement.entry",
        "engagement.milestone",
        "engagement.schedule",
        "engagement.statistics",
        "engagement.goal",
        "engagement.exchange",
        "engagement.builder",
        "journey.sequence",
        "journey.trigger",
        "journey.offer.config",
        "journey.definition.mixin",
    ]

    _run_model = "campaign.enrollment"
    _step_model = "engagement.campaign.step"

    campaign_type = fields.Selection(
        CAMPAIGN_TYPES, "Type", required=True, default="re_engagement", index=True
    )
    step_ids = fields.One2many(
        "engagement.campaign.step", "definition_id", domain=[("version_id", "=", False)]
    )
    enrollment_ids = fields.One2many("campaign.enrollment", "campaign_id")
    target_stage = fields.Selection(STAGES, "Only in the stage")
    target_segment_id = fields.Many2one(
        "customer.segment", "Only in the segment", ondelete="restrict"
    )
    target_conditions = JsonView(shape=(list, dict), copy=True)
    target_domain = fields.Char(
        "Only customers who match",
        compute="_compute_target_domain",
        inverse="_inverse_target_domain",
    )
    priority = fields.Integer(default=10)
    attribution_days = fields.Integer(default=14)
    max_sends_per_customer = fields.Integer(
        "Passes per customer",
        default=1,
        help="How often a customer may walk the campaign; 0: any number of times.",
    )
    reentry = fields.Selection(default="after_days")
    currency_id = fields.Many2one(related="company_id.currency_id")

    @api.depends("target_conditions")
    def _compute_target_domain(self):
        for campaign in self:
            campaign.target_domain = str(domain_of(campaign.target_conditions))

    def _inverse_target_domain(self):
        step = self.env["journey.step.mixin"]
        for campaign in self:
            domain = step._parse_domain(
                "target_domain", campaign.target_domain, "customer.lifecycle", False
            )
            campaign.target_conditions = condition_json(domain)

    # ----------------------------------------------------------------- constraints
    @api.constrains("target_conditions")
    def _check_target_conditions(self):
        step = self.env["journey.step.mixin"]
        for campaign in self:
            text = str(domain_of(campaign.target_conditions))
            step._check_domain("target_conditions", text, "customer.lifecycle")

    @api.constrains("target_segment_id", "company_id")
    def _check_segment(self):
        for campaign in self:
            campaign._check_same_company("target_segment_id")

    @api.constrains("max_sends_per_customer")
    def _check_passes(self):
        for campaign in self:
            check_range(campaign, "max_sends_per_customer", 0, 1000)

    # --------------------------------------------------------------------- targets
    def _target_domain(self):
        """Return whom the campaign is for, whatever its trigger."""
        domain = Domain("company_id", "=", self.company_id.id)
        if self.target_stage:
            domain &= Domain("current_stage", "=", self.target_stage)
        if self.target_segment_id:
            domain &= self.target_segment_id._domain()
        if self.target_conditions:
            domain &= Domain(domain_of(self.target_conditions))
        return domain

    # --------------------------------------------------------------------- buttons
    def action_participants(self):
        """Show who walks and walked the campaign."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Participants"),
            "res_model": "campaign.enrollment",
            "view_mode": "list,kanban,form,graph,pivot",
            "domain": [("campaign_id", "=", self.id)],
            # As many as the button says; the control group is one click away.
            "context": {"search_default_spoken_to": 1},
        }

    # ------------------------------------------------------------------- playbooks
    def _copy_values(self, company):
        """The audience of another company is its own."""
        values = super()._copy_values(company)
        if self.target_segment_id.company_id not in (company, company.browse()):
            values["target_segment_id"] = False
        return values

    @api.model
    def action_load_playbooks(self):
        """Give the current company the playbooks that it does not have."""
        self.check_access("create")
        self._ship(self.env.company)
        return {"type": "ir.actions.client", "tag": "reload"}
