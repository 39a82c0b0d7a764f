import ast

from psycopg2 import DataError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.customer_lifecycle.tools.bounds import named

from ..const import AFTER_TIMEOUT, CATEGORIES, CHANNELS, KINDS, WAITS
from ..tools.paths import fill

NO_REPLY = "no-reply@localhost"
# What the engine alone writes.
TECHNICAL = ("version_id", "mailing_id")


class JourneyStepMixin(models.AbstractModel):
    """A step of a journey.

    A concrete model adds ``definition_id``, a Many2one to its definition. A new kind
    of step is a ``selection_add`` on ``kind`` and a method ``_run_<kind>(items, now)``.
    """

    _name = "journey.step.mixin"
    _description = "Journey Step"
    _inherit = ["journey.step.runner"]
    _order = "sequence, id"

    version_id = fields.Many2one(
        "journey.version", ondelete="cascade", readonly=True, copy=False, index=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    sequence = fields.Integer(default=10)
    code = fields.Char(
        required=True,
        copy=False,
        default=lambda self: self._default_code(),
        help="Names the step in statistics, over all versions.",
    )
    name = fields.Char(translate=True)
    kind = fields.Selection(KINDS, required=True, default="message")
    channel = fields.Selection(CHANNELS, default="email")
    category = fields.Selection(CATEGORIES, help="Empty: that of the journey.")
    delay_hours = fields.Float(
        "Hours after entry",
        help="Counted from the entry into the journey: a message that had to wait "
        "does not move the later ones.",
    )
    template_id = fields.Many2one("mail.template", "E-mail", ondelete="restrict")
    sms_template_id = fields.Many2one("sms.template", "SMS", ondelete="restrict")
    title = fields.Char(translate=True)
    body = fields.Text(translate=True)
    link = fields.Char(help="Where a push notification leads.")
    condition = fields.Char(
        help="Only customers whose lifecycle matches get this step; looked at when it "
        "is due."
    )
    wait_until = fields.Selection(WAITS)
    wait_timeout_hours = fields.Float("For at most (hours)", default=72)
    wait_timeout_action = fields.Selection(
        AFTER_TIMEOUT, "Then", required=True, default="continue"
    )
    includes_offer = fields.Boolean(
        "With the offer",
        help="Several such messages of a pass carry the same code, or name the points "
        "that the first one gave. If none is marked, all to the customer do.",
    )
    without_offer = fields.Selection(
        [("send", "Send without it"), ("skip", "Do not send")],
        "If there is none left",
        required=True,
        default="send",
    )
    split = fields.Char("Variant", help="Only this share of the customers; empty: all.")
    split_weight = fields.Integer("Weight", default=1)
    owner_id = fields.Many2one(
        "res.users", "Colleague", help="Empty: the customer's salesperson."
    )
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="restrict")
    deadline_days = fields.Integer(default=1)
    mailing_id = fields.Many2one(
        "mailing.mailing", "Tracked by", readonly=True, copy=False, ondelete="restrict"
    )

    _code_uniq = models.UniqueIndex(
        "(definition_id, code, coalesce(version_id, 0))",
        "Another step of this journey has this code.",
    )

    def _compute_company_id(self):
        # No related field: the mixin itself has no definition to relate to.
        for step in self:
            step.company_id = step.definition_id.company_id

    @api.model
    def _default_code(self):
        """Return a code that no other step has."""
        self.env.cr.execute("SELECT substr(gen_random_uuid()::text, 1, 8)")
        return f"step_{self.env.cr.fetchone()[0]}"

    # ----------------------------------------------------------------- constraints
    @api.constrains("delay_hours", "wait_timeout_hours", "deadline_days")
    def _check_times(self):
        for step in self:
            for name in ("delay_hours", "wait_timeout_hours", "deadline_days"):
                # Turned round, so that "not a number" is refused, too.
                if not 0 <= step[name] <= 24 * 366 * 5:
                    raise ValidationError(
                        self.env._(
                            "%(name)s: %(value)s is not allowed; allowed are 0 hours "
                            "to 5 years.",
                            name=named(step, name),
                            value=step[name],
                        )
                    )

    @api.constrains("split", "split_weight")
    def _check_split(self):
        for step in self.filtered("split"):
            if not 0 < step.split_weight <= 1000:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(value)s is not allowed; allowed are 1 to 1000.",
                        name=named(step, "split_weight"),
                        value=step.split_weight,
                    )
                )

    @api.constrains("condition")
    def _check_condition(self):
        for step in self.filtered("condition"):
            name = named(step, "condition")
            self._check_domain(name, step.condition, "customer.lifecycle")

    @api.model
    def _check_domain(self, name, value, model):
        """Check a condition somebody writes: it asks for nothing the writer may not
        see, as who enters would tell.

        :raises ValidationError: as ``_parse_domain``
        """
        # Constraints run with all rights; who writes is still known.
        writer = self.env(su=False)
        domain = self.with_env(writer)._parse_domain(name, value, model, False)
        try:
            _check_patterns(domain)
            # Some mistakes show only when the database reads them.
            with self.env.cr.savepoint():
                writer[model].search(domain, limit=1)
        except (DataError, ValueError) as error:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s cannot be asked (%(error)s).",
                    name=name,
                    value=repr(value)[:200],
                    error=str(error).partition("\n")[0],
                )
            ) from error
        return domain

    @api.model
    def _parse_domain(self, name, value, model, su=True):
        """Return the Domain that a text names.

        :raises ValidationError: it is no domain on ``model``, naming the field
        """
        try:
            domain = Domain(ast.literal_eval(value or "[]"))
            # Compiled with few rows in mind: an unknown field shows here.
            self.env[model].sudo(su)._search(domain, limit=1)
        except Exception as error:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is no condition on %(model)s (%(error)s).",
                    name=name,
                    value=repr(value)[:200],
                    model=self.env[model]._description,
                    error=error,
                )
            ) from error
        return domain

    @api.constrains("title", "body")
    def _check_texts(self):
        """Texts name fields: {{ object.name }}; code belongs into templates."""
        for step in self:
            roots = self.env["journey.renderer"]._roots(step)
            for name in ("title", "body"):
                try:
                    fill(step[name], roots)
                except ValueError as error:
                    raise ValidationError(
                        self.env._(
                            "%(name)s: %(error)s; allowed are placeholders such as "
                            "{{ object.name }} or {{ offer_code }}.",
                            name=named(step, name),
                            error=error,
                        )
                    ) from error

    @api.constrains("kind", "channel", "template_id", "sms_template_id")
    def _check_content(self):
        # A draft may be incomplete; starting checks it again.
        for step in self.filtered(lambda s: s.kind == "message"):
            if step.definition_id.is_active:
                step._check_template()

    def _check_template(self):
        models_allowed = ("res.partner", self.definition_id._run_model)
        for name in ("template_id", "sms_template_id"):
            template = self[name]
            if template and template.model not in models_allowed:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(template)s is made for %(model)s; allowed are "
                        "templates for contacts.",
                        name=named(self, name),
                        template=template.name,
                        model=template.model,
                    )
                )

    # ----------------------------------------------------------------------- write
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_technical(vals, TECHNICAL)
        steps = super().create(vals_list)
        steps._mark_stale()
        return steps

    def _check_not_frozen(self):
        """Raise UserError for steps that customers are under way on."""
        if not self.env.su and self.filtered("version_id"):
            raise UserError(
                self.env._("Customers walk this version of the step: it is frozen.")
            )

    def write(self, vals):
        self._check_not_frozen()
        self._check_technical(vals, {*TECHNICAL, "definition_id"})
        result = super().write(vals)
        if set(vals) - {"mailing_id"}:
            self._mark_stale()
        return result

    def unlink(self):
        self._check_not_frozen()
        definitions = self.filtered(lambda s: not s.version_id).definition_id
        result = super().unlink()
        definitions.exists()._mark_stale()
        return result

    def _mark_stale(self):
        self.filtered(lambda s: not s.version_id).definition_id._mark_stale()

    # --------------------------------------------------------------------- mailing
    def _ensure_mailing(self):
        """Give a step that sends e-mails or SMS the mailing that tracks them."""
        self.ensure_one()
        if self.kind != "message" or self.channel not in ("email", "sms", "preferred"):
            return
        values = self._prepare_mailing_values()
        if self.mailing_id.mailing_type == values["mailing_type"]:
            self.mailing_id.sudo().contact_topic_id = values["contact_topic_id"]
        else:
            self.sudo().mailing_id = self.env["mailing.mailing"].sudo().create(values)

    def _prepare_mailing_values(self):
        definition = self.definition_id
        name = f"{definition.name}: {self.name or self.code}"
        return {
            "name": name,
            "subject": self.template_id.subject or name,
            # The platform wants one; messages name their senders themselves.
            "email_from": definition.company_id.email_formatted or NO_REPLY,
            "mailing_type": "sms" if self.channel == "sms" else "mail",
            "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            # Done and archived: nobody can send it, no list shows it.
            "state": "done",
            "active": False,
            "kpi_mail_required": False,
            "campaign_id": definition._ensure_campaign().id,
            "contact_topic_id": definition._contact_topic().id,
            "journey_company_id": definition.company_id.id,
        }


def _check_patterns(domain):
    """Raise ValueError for a pattern that breaks off as soon as a row is compared."""
    for condition in domain.iter_conditions():
        if "like" in condition.operator and _is_open(str(condition.value)):
            raise ValueError(f"{condition.value}: ends with a lone backslash")


def _is_open(pattern):
    return (len(pattern) - len(pattern.rstrip("\\"))) % 2 == 1
