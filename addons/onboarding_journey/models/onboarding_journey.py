from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.bounds import check_range, named

from ..const import CLOSING, JOURNEY_TYPES


class OnboardingJourney(models.Model):
    """What leads new customers to their habit, step by step."""

    _name = "onboarding.journey"
    _description = "Onboarding Journey"
    _inherit = [
        # Before the engine's: they refine what it does.
        "onboarding.steps",
        "onboarding.start",
        "onboarding.statistics",
        "journey.reach",
        "journey.definition.mixin",
    ]

    _run_model = "customer.onboarding"
    _step_model = "onboarding.journey.step"

    journey_type = fields.Selection(
        JOURNEY_TYPES,
        "For",
        required=True,
        default="standard",
        help="Who begins it by default: subscribers, companies, the most valuable "
        "customers; all others walk the standard one.",
    )
    step_ids = fields.One2many(
        "onboarding.journey.step", "definition_id", domain=[("version_id", "=", False)]
    )
    onboarding_ids = fields.One2many("customer.onboarding", "journey_id")
    total_steps = fields.Integer("Steps", compute="_compute_total_steps")
    max_duration_days = fields.Integer(
        "Ends after (days)", default=30, help="Whoever is not done by then has expired."
    )
    auto_complete_on_purchase = fields.Boolean(
        "Complete with the purchase",
        default=True,
        help="When a purchase completes the last milestone, optional steps still open "
        "are left out and the journey is complete.",
    )
    completion_template_id = fields.Many2one(
        "mail.template",
        "Message on completion",
        domain=[("model", "=", "res.partner")],
        ondelete="restrict",
    )
    category = fields.Selection(default="service")
    goal = fields.Selection(default="none")
    priority = fields.Integer(default=20)
    exclusive_group = fields.Char(default="welcome")

    @api.depends("step_ids")
    def _compute_total_steps(self):
        for journey in self:
            journey.total_steps = len(journey.step_ids)

    @api.constrains("max_duration_days")
    def _check_duration(self):
        for journey in self:
            check_range(journey, "max_duration_days", 1, 1095)

    @api.constrains("completion_template_id")
    def _check_completion_template(self):
        for journey in self:
            template = journey.completion_template_id
            if template and template.model not in ("res.partner", self._run_model):
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(value)s is not allowed; allowed are templates "
                        "for contacts.",
                        name=named(journey, "completion_template_id"),
                        value=template.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "completion_template_id" in vals:
            self._mark_stale()
        if "max_duration_days" in vals:
            self._move_deadlines()
        return result

    # -------------------------------------------------------------------- versions
    def _check_startable(self):
        """An e-mail for which nobody wrote a text gets the general one."""
        general = self.env.ref(
            "onboarding_journey.mail_template_step", raise_if_not_found=False
        )
        bare = self.step_ids.filtered(lambda s: s.type == "email" and not s.template_id)
        if general and bare:
            bare.template_id = general
        return super()._check_startable()

    def _closing_step(self):
        """After the last step the run waits for what is open, then says goodbye."""
        return {
            "sequence": 10**9,
            "code": CLOSING,
            "name": self.env._("Message on completion"),
            "kind": "message",
            "channel": "email",
            "delay_hours": max(self.step_ids.mapped("delay_hours"), default=0),
            "template_id": self.completion_template_id.id,
            "is_closing": True,
        }

    def action_move_runs(self):
        """Move all who are under way to the newest version, each to its own step.

        What they have done stays done; what is new is open to them, but for messages
        whose place they have passed.
        """
        result = super().action_move_runs()
        runs = self.env[self._run_model].sudo()
        for journey in self:
            runs._follow_version(journey, fields.Datetime.now())
        return result

    def _move_deadlines(self):
        """Who waits is looked at again at the new end."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_onboarding r
                   SET next_step_at = greatest(r.step_due_at, r.anchor_at
                       + j.max_duration_days * interval '1 day')
                  FROM onboarding_journey j, onboarding_journey_step s
                 WHERE j.id = r.definition_id AND s.id = r.step_id
                   AND r.definition_id = ANY(%s) AND r.run_state = 'running'
                   AND r.next_step_at > r.step_due_at
                   AND (s.is_closing OR s.kind <> 'message')
                """,
                self.ids,
            )
        )
        self.env[self._run_model].invalidate_model()

    # ----------------------------------------------------------------------- enter
    def _enrol(self, scope, now, delay_hours=0, **columns):
        runs = super()._enrol(scope, now, delay_hours, **columns)
        self.env[self._run_model].sudo()._begin(runs, now)
        return runs

    def _enrolment_values(self, now):
        return {
            **super()._enrolment_values(now),
            "journey_id": SQL("%s", self.id),
            "status": SQL("'in_progress'"),
            "completion_rate": SQL("0"),
            "last_activity_at": SQL("%s", now),
        }

    # --------------------------------------------------------------------- shipped
    def _copy_to(self, company):
        """Tutorials that are one company's are copied for the other one, too."""
        journey = self.with_context(onboarding_copy_to=company.id)
        return super(OnboardingJourney, journey)._copy_to(company).with_env(self.env)

    def _copy_values(self, company):
        """Who put the own one away wants nobody else's to be hidden."""
        return {**super()._copy_values(company), "active": True}

    @api.model
    def action_load_journeys(self):
        """Give the current company the journeys that come with addons."""
        self.check_access("create")
        self._ship(self.env.company)
        return {"type": "ir.actions.client", "tag": "reload"}

    # --------------------------------------------------------------------- buttons
    def action_customers(self):
        """Show who walks and walked the journey."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "onboarding_journey.customer_onboarding_action"
        )
        return {**action, "domain": [("journey_id", "=", self.id)]}

    def action_statistics(self):
        """Show how far customers come."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "onboarding_journey.onboarding_statistics_action"
        )
        return {**action, "params": {"journey": self.id}}
