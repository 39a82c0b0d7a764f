from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_lifecycle.tools.bounds import check_range, named
from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..const import (
    CUSTOMER_KINDS,
    MAX_TARGET,
    OPERATOR_KEYS,
    OPERATORS,
    SHARES,
    STEP_TYPE_KEYS,
    STEP_TYPES,
)
from ..tools.target import parse_target, write_target


class OnboardingJourneyStep(models.Model):
    """A step: a message to the customer, or something that the customer does."""

    _name = "onboarding.journey.step"
    _description = "Step of an Onboarding Journey"
    _inherit = [
        "onboarding.step.json",
        "onboarding.step.runner",
        "journey.step.timeline",
    ]

    definition_id = fields.Many2one(
        "onboarding.journey", "Journey", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        selection_add=[
            ("content", "Tutorial"),
            ("milestone", "Milestone"),
            ("task", "Task"),
        ],
        ondelete=dict.fromkeys(CUSTOMER_KINDS, "cascade"),
    )
    type = fields.Selection(
        STEP_TYPES, compute="_compute_type", inverse="_inverse_type", store=True
    )
    is_optional = fields.Boolean(
        "Optional", help="The customer may leave it out; the journey ends without it."
    )
    is_blocking = fields.Boolean(
        "Later steps wait for it",
        help="Otherwise later messages go out at their time, done or not.",
    )
    content_id = fields.Many2one("onboarding.content", "Tutorial", ondelete="restrict")
    milestone_type = fields.Selection(
        selection="_selection_milestone_type", string="Milestone of"
    )
    milestone_operator = fields.Selection(OPERATORS, default=">=")
    milestone_value = fields.Float(default=1)
    target = fields.Char(
        compute="_compute_target",
        inverse="_inverse_target",
        help="Such as order_count >= 1.",
    )
    is_closing = fields.Boolean(
        readonly=True, copy=False, help="The message that ends a completed journey."
    )

    @api.model
    def _selection_milestone_type(self):
        return list(self.env["onboarding.metric"]._metrics().items())

    @api.depends("kind", "channel")
    def _compute_type(self):
        known = dict(STEP_TYPES)
        for step in self:
            word = step.channel if step.kind == "message" else step.kind
            step.type = word if word in known else False

    def _inverse_type(self):
        for step in self:
            step._adopt_type()

    @api.onchange("type")
    def _onchange_type(self):
        for step in self.filtered("type"):
            step._adopt_type()

    def _adopt_type(self):
        if self.type in CUSTOMER_KINDS:
            self.kind = self.type
        elif self.type:
            self.update({"kind": "message", "channel": self.type})
        if self.type == "milestone" and not self.milestone_type:
            self.milestone_type = "order_count"

    @api.depends("milestone_type", "milestone_operator", "milestone_value")
    def _compute_target(self):
        for step in self:
            step.target = bool(step.milestone_type) and write_target(
                step.milestone_type, step.milestone_operator, step.milestone_value
            )

    def _inverse_target(self):
        for step in self:
            step.update(step._target_values("target", step.target))

    @api.model
    def _target_values(self, name, text):
        """Return the values that a target means.

        :param str name: of the field, for the message
        :raises ValidationError: it cannot be parsed
        """
        metrics = self.env["onboarding.metric"]._metrics()
        try:
            metric, operator, number = parse_target(text)
            if metric not in metrics:
                raise ValueError(metric)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is not allowed; allowed is one of "
                    "%(metrics)s, one of %(operators)s, and a number, such as "
                    "order_count >= 1.",
                    name=name,
                    value=repr(text)[:100],
                    metrics=", ".join(metrics),
                    operators=" ".join(OPERATOR_KEYS),
                )
            ) from None
        return {
            "milestone_type": metric,
            "milestone_operator": operator,
            "milestone_value": number,
        }

    # ----------------------------------------------------------------- constraints
    @api.constrains("kind", "channel")
    def _check_type(self):
        for step in self:
            if not step.type:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(value)s is not allowed; allowed are %(known)s.",
                        name=named(step, "type"),
                        value=repr(
                            step.channel if step.kind == "message" else step.kind
                        ),
                        known=", ".join(dict(STEP_TYPES)),
                    )
                )

    @api.constrains("kind", "milestone_type", "milestone_operator", "milestone_value")
    def _check_milestone(self):
        for step in self.filtered(lambda s: s.kind == "milestone"):
            if not step.milestone_type or not step.milestone_operator:
                step._target_values(named(step, "target"), False)
            check_range(step, "milestone_value", 0, MAX_TARGET)

    @api.constrains("kind", "content_id", "definition_id")
    def _check_tutorial(self):
        for step in self.filtered(lambda s: s.kind == "content"):
            company = step.content_id.company_id
            if not step.content_id or company - step.definition_id.company_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(value)s is not allowed in the step %(step)s; "
                        "allowed is a tutorial of the journey's company.",
                        name=named(step, "content_id"),
                        value=repr(step.content_id.title or False),
                        step=step.name or step.code,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create([self._plain_values(vals) for vals in vals_list])
        for step in steps.filtered(lambda s: s.is_closing and s.template_id):
            step._ensure_mailing()
        return steps

    def write(self, vals):
        return super().write(self._plain_values(vals))

    def copy_data(self, default=None):
        """A journey for another company shows no tutorial that is not its own."""
        found = super().copy_data(default)
        company = self.env.context.get("onboarding_copy_to")
        for step, values in zip(self, found, strict=True):
            content = step.content_id.sudo()
            if company and content.company_id.id not in (False, company):
                values["content_id"] = content.copy({"company_id": company}).id
        return found

    @api.model
    def _plain_values(self, vals):
        """Return values with type and target as the fields that they stand for: what
        is checked of a step is checked of all of them together.
        """
        vals = dict(vals)
        kind = vals.pop("type", None)
        if kind in CUSTOMER_KINDS:
            vals["kind"] = kind
        elif kind:
            self.env["contact.policy"]._check_choice("type", kind, STEP_TYPE_KEYS)
            vals |= {"kind": "message", "channel": kind}
        if "target" in vals:
            text = vals.pop("target")
            if text or vals.get("kind") == "milestone":
                vals |= self._target_values("target", text)
        return vals

    def _kind_label(self):
        labels = dict(self._fields["type"]._description_selection(self.env))
        return labels.get(self.type)

    def _texts(self):
        """Return what the marketer sees of a step in the timeline."""
        if self.kind == "milestone":
            return False, self._target_label()
        if self.kind == "content":
            return self.content_id.title, False
        return super()._texts()

    def _target_label(self):
        """Return the target in the words of the form."""
        names = ("milestone_type", "milestone_operator")
        words = [
            dict(self._fields[name]._description_selection(self.env)).get(self[name])
            for name in names
        ]
        if self.milestone_type in SHARES:
            number = f"{whole(round(100 * self.milestone_value, 2))}%"
        else:
            number = whole(self.milestone_value)
        return "{}: {} {}".format(*words, number)
