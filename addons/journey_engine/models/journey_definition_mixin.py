import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.bounds import check_range, named

from ..const import CATEGORIES, GOALS, REENTRY

_logger = logging.getLogger(__name__)


class JourneyDefinitionMixin(models.AbstractModel):
    """A journey: who may walk it, in which steps, to which end.

    A concrete model names its ``_run_model`` and ``_step_model`` and adds
    ``step_ids``, a One2many of the steps that have no version.
    """

    _name = "journey.definition.mixin"
    _description = "Journey"
    _inherit = [
        "journey.copy",
        "journey.enrolment",
        "journey.lift",
        "journey.rehearsal",
        "journey.shipping",
        "journey.switch",
    ]
    _order = "priority desc, name, id"

    _run_model = None
    _step_model = None
    # Refusals of the policy after which a pass has nothing more to say.
    _final_refusals = ()

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Other systems call it by this; made of the name. It draws the control "
        "group, too: change it before the start, not later.",
    )
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)
    is_active = fields.Boolean("Switched on", copy=False, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    priority = fields.Integer(
        default=10, help="The higher one wins what a frequency cap leaves."
    )
    category = fields.Selection(CATEGORIES, required=True, default="marketing")
    topic_id = fields.Many2one("contact.topic", ondelete="restrict")
    exclusive_group = fields.Char(
        help="A customer walks one journey of a group at a time, over all addons; "
        "the higher priority wins."
    )
    goal = fields.Selection(GOALS, required=True, default="order")
    goal_domain = fields.Char("Orders that match", default="[]")
    goal_event = fields.Char("Event")
    attribution_days = fields.Integer("Attribution window (days)", default=30)
    holdout_percent = fields.Float("Control group (%)")
    reentry = fields.Selection(REENTRY, "Re-entry", required=True, default="never")
    reentry_days = fields.Integer(default=90)
    exit_condition = fields.Char(
        "Who leaves early",
        help="Customers whose lifecycle matches leave the journey. Empty: nobody.",
    )
    version_id = fields.Many2one("journey.version", readonly=True, copy=False)
    is_stale = fields.Boolean(readonly=True, copy=False, default=True)
    paused_at = fields.Datetime(readonly=True, copy=False)
    campaign_id = fields.Many2one("utm.campaign", readonly=True, copy=False)
    running_count = fields.Integer(compute="_compute_running_count")

    _code_uniq = models.UniqueIndex(
        "(company_id, code)",
        "Another journey of this company has this short name (code): choose another.",
    )

    def _compute_running_count(self):
        counts = dict(
            self.env[self._run_model]._read_group(
                [("definition_id", "in", self.ids), ("run_state", "=", "running")],
                ["definition_id"],
                ["__count"],
            )
        )
        for definition in self:
            definition.running_count = counts.get(definition, 0)

    # ----------------------------------------------------------------- constraints
    @api.constrains("holdout_percent", "attribution_days", "reentry_days")
    def _check_ranges(self):
        bounds = {
            "holdout_percent": (0, 100),
            "attribution_days": (0, 365),
            "reentry_days": (0, 3650),
        }
        for definition in self:
            for name, (low, high) in bounds.items():
                check_range(definition, name, low, high)

    def _check_same_company(self, name):
        if self[name] and self[name].company_id != self.company_id:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s belongs to another company.",
                    name=named(self, name),
                    value=self[name].display_name,
                )
            )

    @api.constrains("company_id", "exclusive_group", "code")
    def _check_words(self):
        for definition in self:
            for name in ("code", "exclusive_group"):
                if definition[name] and not definition[name].strip():
                    raise ValidationError(
                        self.env._(
                            "%s: spaces alone are no name.", named(definition, name)
                        )
                    )
            if definition._other_companies():
                raise ValidationError(
                    self.env._(
                        "%(name)s: customers of another company walked %(journey)s.",
                        name=named(definition, "company_id"),
                        journey=definition.name,
                    )
                )

    def _other_companies(self):
        """Return whether runs belong to another company than the journey."""
        runs = self.env[self._run_model].sudo()
        return runs.search_count(
            [("definition_id", "=", self.id), ("company_id", "!=", self.company_id.id)],
            limit=1,
        )

    @api.constrains("goal", "goal_domain", "goal_event", "exit_condition")
    def _check_conditions(self):
        step = self.env["journey.step.mixin"]
        for definition in self:
            if definition.goal == "orders":
                name = named(definition, "goal_domain")
                step._check_domain(name, definition.goal_domain, "sale.order")
            definition._check_goal_event()
            name = named(definition, "exit_condition")
            step._check_domain(name, definition.exit_condition, "customer.lifecycle")

    def _check_goal_event(self):
        known = sorted(self.env["lifecycle.event"]._event_labels())
        if self.goal == "event" and self.goal_event not in known:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is unknown; allowed are %(known)s.",
                    name=named(self, "goal_event"),
                    value=repr(self.goal_event or "")[:100],
                    known=", ".join(known),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_walked(self):
        """What customers went through is history; it is archived, not deleted."""
        runs = self.env[self._run_model].sudo()
        if runs.search_count([("definition_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "Customers walked %s: archive it instead of deleting it.",
                    ", ".join(self.mapped("name")),
                )
            )
        versions = self.env["journey.version"].sudo()
        versions.search(
            [("definition_model", "=", self._name), ("definition_id", "in", self.ids)]
        ).unlink()

    # -------------------------------------------------------------------- versions
    def _mark_stale(self):
        self.filtered(lambda d: not d.is_stale).sudo().is_stale = True

    def _current_version(self):
        """Return the version that new runs enter; frozen now if steps have changed."""
        self.ensure_one()
        definition = self.sudo()
        if definition.is_stale or not definition.version_id:
            # Who freezes at the same time collides here, and tries again.
            self.env.cr.execute(
                SQL(
                    "SELECT FROM %s WHERE id = %s FOR UPDATE",
                    SQL.identifier(self._table),
                    self.id,
                )
            )
            version = self.env["journey.version"].sudo()._freeze(definition)
            definition.write({"version_id": version.id, "is_stale": False})
        return definition.version_id

    def _closing_step(self):
        """Return the values of a step that follows the last one in every version, where
        a pass is not over with its last message; an addon says.
        """
        return {}

    # --------------------------------------------------------------------- buttons
    def action_dry_run(self):
        """Open the dry run over the whole audience."""
        self.ensure_one()
        wizard = self.env["journey.dry.run"].create(
            {"definition_model": self._name, "definition_id": self.id}
        )
        return wizard.action_play()

    def action_test_run(self):
        """Open the test run on one customer."""
        self.ensure_one()
        return self.env["journey.test.run"]._open(self)

    def action_deliveries(self):
        """Show what the journey sent, what it did not, and why."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deliveries"),
            "res_model": "journey.delivery",
            "view_mode": "list,kanban,form,graph,pivot",
            "domain": [
                ("definition_model", "=", self._name),
                ("definition_id", "in", self.ids),
            ],
        }

    # ------------------------------------------------------------------------ goal
    def _goals_reached(self, run_ids, until=None):
        """Return which of these runs have reached the goal since their entry.

        :param datetime until: naive UTC; what is dated later has not happened yet
        """
        self.ensure_one()
        runs = self.env[self._run_model].sudo()
        if self.goal == "none" or not run_ids:
            return set()
        if self.goal == "event":
            return runs._events_of(run_ids, self.goal_event, until)
        goal = self._goal_sql()
        if until:
            goal = SQL("%s AND o.date_order <= %s", goal, until)
        return set(runs._orders_of(run_ids, goal))

    def _goals_certain(self, run_ids):
        """As ``_goals_reached``, for those who must go on whatever the goal says:
        nobody, while it names a field that is no more.
        """
        try:
            return self._goals_reached(run_ids)
        except ValidationError as error:
            _logger.warning("Goal of journey %s: %s", self.code, error)
            return set()

    def _goal_sql(self):
        """Return the condition on alias ``o`` (sale_order) that the goal means."""
        if self.goal != "orders":
            return SQL("TRUE")
        domain = self.env["journey.step.mixin"]._parse_domain(
            "goal_domain", self.goal_domain, "sale.order"
        )
        orders = self.env["sale.order"].sudo()._search(domain)
        return SQL("o.id IN %s", orders.subselect())

    # -------------------------------------------------------------------- tracking
    def _contact_topic(self):
        """Return what unsubscribing from the journey stops: its topic, else news."""
        # Asked for every message: no look into the database to see that it exists.
        number = self.env["ir.model.data"]._xmlid_to_res_id(
            "customer_preference.topic_newsletter", raise_if_not_found=False
        )
        return self.topic_id or self.env["contact.topic"].browse(number or ())

    def _ensure_campaign(self):
        """Return the UTM campaign of the journey's messages."""
        self.ensure_one()
        if not self.campaign_id:
            campaign = self.env["utm.campaign"].sudo()
            self.sudo().campaign_id = campaign.create(
                {"name": self.name, "is_auto_campaign": True}
            )
        return self.campaign_id
