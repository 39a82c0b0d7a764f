from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_lifecycle.tools.bounds import check_range, named

from .nps_entry import EVERYBODY

BUYERS = "[('total_orders', '>', 0)]"
# What ends a pass: the answer.
GOAL = {"goal": "event", "goal_event": "survey_answered"}


class NpsSurvey(models.Model):
    """How likely are you to recommend us? A journey of a question and a reminder."""

    _name = "nps.survey"
    _description = "Survey"
    _inherit = [
        # Before the engine's: they refine what it does.
        "nps.trigger",
        "nps.message",
        "nps.entry",
        "nps.checkout",
        "journey.goal",
        "journey.reach",
        "journey.definition.mixin",
    ]

    _run_model = "nps.invitation"
    _step_model = "nps.survey.step"

    step_ids = fields.One2many(
        "nps.survey.step", "definition_id", domain=[("version_id", "=", False)]
    )
    invitation_ids = fields.One2many("nps.invitation", "survey_id")
    response_ids = fields.One2many("nps.response", "survey_id")
    question_text = fields.Char(
        "Question",
        required=True,
        translate=True,
        default=lambda self: self.env._(
            "How likely are you to recommend us to a friend or colleague?"
        ),
    )
    followup_promoter = fields.Char(
        "Promoters are asked",
        translate=True,
        default=lambda self: self.env._("What do you love about us?"),
    )
    followup_passive = fields.Char(
        "Passives are asked",
        translate=True,
        default=lambda self: self.env._("What could we do better?"),
    )
    followup_detractor = fields.Char(
        "Detractors are asked",
        translate=True,
        default=lambda self: self.env._("What went wrong? How can we improve?"),
    )
    share_url = fields.Char(
        "Promoters may share", help="A page to recommend; the shop's own when empty."
    )
    review_url = fields.Char(
        "Promoters may review", help="Where reviews of the shop stand, if anywhere."
    )
    cooldown_days = fields.Integer(
        "Cooldown (days)",
        default=90,
        help="Nobody is asked whom any survey of the company asked since so many days.",
    )
    valid_days = fields.Integer(
        "Answers are taken for (days)", default=30, help="Then the links expire."
    )
    target_domain = fields.Char(
        "Only customers who match",
        compute="_compute_target_domain",
        store=True,
        readonly=False,
        precompute=True,
    )
    category = fields.Selection(default="service")
    topic_id = fields.Many2one(
        default=lambda self: self.env.ref(
            "customer_preference.topic_feedback", raise_if_not_found=False
        )
    )
    exclusive_group = fields.Char(default="survey")
    goal = fields.Selection(default=GOAL["goal"])
    goal_event = fields.Char(default=GOAL["goal_event"])
    reentry = fields.Selection(default="after_exit")
    invited_count = fields.Integer("Asked", compute="_compute_figures")
    response_count = fields.Integer("Answers", compute="_compute_figures")
    response_rate = fields.Float("Response rate (%)", compute="_compute_figures")
    nps_score = fields.Float("NPS", compute="_compute_figures")

    @api.depends("trigger_type")
    def _compute_target_domain(self):
        """Whom something happened to has ordered; regularly, buyers are asked alone."""
        for survey in self:
            if survey.target_domain in (False, EVERYBODY, BUYERS):
                is_periodic = survey.trigger_type == "periodic"
                survey.target_domain = BUYERS if is_periodic else EVERYBODY

    # ----------------------------------------------------------------- constraints
    @api.constrains("cooldown_days", "valid_days", "reminder_days", "channel")
    def _check_days(self):
        for survey in self:
            check_range(survey, "cooldown_days", 0, 3650)
            check_range(survey, "valid_days", 1, 365)
            check_range(survey, "reminder_days", 0, 60)
            if survey.channel != "website" and survey.reminder_days:
                # The link of a reminder is to be good for a day at least.
                check_range(survey, "reminder_days", 0, survey.valid_days - 1)

    @api.constrains("goal", "goal_event")
    def _check_goal(self):
        """Another goal would remind who has answered, or not remind who ordered."""
        for survey in self:
            for name, only in GOAL.items():
                if survey[name] != only:
                    raise ValidationError(
                        self.env._(
                            "%(name)s: %(value)s is not allowed; allowed is %(only)s: "
                            "a survey is over when it is answered.",
                            name=named(survey, name),
                            value=repr(survey[name] or "")[:100],
                            only=only,
                        )
                    )

    @api.constrains("share_url", "review_url")
    def _check_urls(self):
        """Customers are sent to pages, not into scripts."""
        for survey in self:
            for name in ("share_url", "review_url"):
                url = survey[name] or ""
                if url and not url.startswith(("https://", "http://")):
                    raise ValidationError(
                        self.env._(
                            "%(name)s: %(value)s is not allowed; allowed are addresses "
                            "that begin with https:// or http://.",
                            name=named(survey, name),
                            value=repr(url)[:100],
                        )
                    )

    @api.constrains("target_domain")
    def _check_target_domain(self):
        step = self.env["journey.step.mixin"]
        for survey in self:
            name = named(survey, "target_domain")
            step._check_domain(name, survey.target_domain, "customer.lifecycle")

    # --------------------------------------------------------------------- figures
    def _compute_figures(self):
        figures = self.env["nps.figures"]._by_survey(self)
        for survey in self:
            row = figures.get(survey.id, {})
            survey.invited_count = row.get("invited", 0)
            survey.response_count = row.get("responses", 0)
            survey.response_rate = row.get("response_rate") or 0
            survey.nps_score = row.get("nps") or 0

    def copy_data(self, default=None):
        """The steps are made of the fields."""
        values_list = super().copy_data(default)
        for values in values_list:
            values.pop("step_ids", None)
        return values_list

    # --------------------------------------------------------------------- buttons
    def action_invitations(self):
        """Show who was asked."""
        return self._open("nps.invitation", self.env._("Invitations"))

    def action_responses(self):
        """Show what was answered."""
        return self._open("nps.response", self.env._("Answers"))

    def _open(self, model, name):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form,graph,pivot",
            "domain": [("survey_id", "=", self.id)],
        }

    @api.model
    def action_load_surveys(self):
        """Give the current company the surveys that it does not have."""
        self.check_access("create")
        self._ship(self.env.company)
        return {"type": "ir.actions.client", "tag": "reload"}

    # ------------------------------------------------------------------- questions
    def _followup(self, category):
        """Return what the customers of a category are asked."""
        self.ensure_one()
        return self[f"followup_{category}"]
