from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_lifecycle.tools.bounds import named

from ..const import CHANNELS

# What the steps are made of.
SOURCES = {
    "channel",
    "name",
    "template_id",
    "reminder_template_id",
    "reminder_days",
    "message_title",
    "message_body",
}
TEXTS = ("name", "title", "body")


class NpsMessage(models.AbstractModel):
    """How a survey asks: the steps of its journey, made of a few fields."""

    _name = "nps.message"
    _description = "Messages of a Survey"

    channel = fields.Selection(
        CHANNELS,
        required=True,
        default="email",
        help="On the website: asked on the page after checkout, nothing is sent.",
    )
    template_id = fields.Many2one(
        "mail.template",
        "E-mail",
        ondelete="restrict",
        default=lambda self: self._default_template("mail_template_survey"),
        domain="[('model', '=', 'res.partner')]",
    )
    reminder_template_id = fields.Many2one(
        "mail.template",
        "E-mail of the reminder",
        ondelete="restrict",
        default=lambda self: self._default_template("mail_template_reminder"),
        domain="[('model', '=', 'res.partner')]",
        help="Empty: the first one again.",
    )
    message_title = fields.Char(
        "Title",
        translate=True,
        default=lambda self: self.env._("A short question"),
        help="Of a push notification.",
    )
    message_body = fields.Text(
        "Text",
        translate=True,
        default=lambda self: self.env._(
            "How likely are you to recommend us? Tell us: {{ run.answer_link }}"
        ),
        help="Of an SMS or a push notification; {{ run.answer_link }} is the link.",
    )
    reminder_days = fields.Integer(
        "Remind after (days)", default=3, help="Once, who has not answered. 0: never."
    )

    @api.model
    def _default_template(self, name):
        return self.env.ref(f"nps_feedback.{name}", raise_if_not_found=False)

    @api.constrains("channel", "message_body")
    def _check_link(self):
        """A text without the link asks nobody."""
        for survey in self:
            texts = survey.channel in ("sms", "preferred")
            if texts and "run.answer_link" not in (survey.message_body or ""):
                raise ValidationError(
                    self.env._(
                        "%s: the text has no link; put {{ run.answer_link }} where it "
                        "is to stand.",
                        named(survey, "message_body"),
                    )
                )

    @api.constrains("channel", "trigger_type")
    def _check_website(self):
        for survey in self:
            if survey.channel == "website" and survey.trigger_type != "post_order":
                raise ValidationError(
                    self.env._(
                        "%(name)s: website asks after checkout; allowed with it is "
                        "post_order as %(other)s.",
                        name=named(survey, "channel"),
                        other=named(survey, "trigger_type"),
                    )
                )

    # ----------------------------------------------------------------------- write
    @api.model_create_multi
    def create(self, vals_list):
        """The steps are there before anything starts."""
        starts = [vals.pop("is_active", False) for vals in map(dict, vals_list)]
        rest = [
            {k: v for k, v in vals.items() if k != "is_active"} for vals in vals_list
        ]
        surveys = super().create(rest)
        surveys._make_steps()
        for survey, start in zip(surveys, starts, strict=True):
            if start:
                survey.action_start()
        return surveys

    def write(self, vals):
        if vals.get("is_active") and SOURCES & set(vals):
            # The steps first: starting looks at them.
            rest = {k: v for k, v in vals.items() if k != "is_active"}
            self.write(rest)
            return super().write({"is_active": True})
        result = super().write(vals)
        if SOURCES & set(vals):
            self._make_steps()
        return result

    # ----------------------------------------------------------------------- steps
    def _make_steps(self):
        """Make the steps be what the fields say; their codes keep the statistics."""
        for survey in self:
            wanted = survey._wanted_steps()
            known = {step.code: step for step in survey.step_ids}
            commands = [
                Command.update(known[code].id, values)
                if code in known
                else Command.create({"code": code, **values})
                for code, values in wanted.items()
                if code not in known or known[code]._differs(values)
            ]
            gone = [step for code, step in known.items() if code not in wanted]
            commands += [Command.delete(step.id) for step in gone]
            if commands:
                survey.step_ids = commands
            survey._translate_steps()

    def _wanted_steps(self):
        """Return {code: values} of the question and of its reminder."""
        self.ensure_one()
        if self.channel == "website":
            # Nothing is sent: the shop asks after checkout.
            return {"ask": {"sequence": 10, "kind": "wait", "name": self.name}}
        ask = {
            "sequence": 10,
            "kind": "message",
            "channel": self.channel,
            "template_id": self.template_id.id,
            "name": self.name,
            "title": self.message_title,
            "body": self.message_body,
            "link": "/my/feedback",
            "delay_hours": 0,
        }
        if not self.reminder_days:
            return {"ask": ask}
        remind = {
            "sequence": 20,
            "template_id": (self.reminder_template_id or self.template_id).id,
            "name": self.env._("Reminder: %s", self.name),
            "delay_hours": 24 * self.reminder_days,
        }
        return {"ask": ask, "remind": ask | remind}

    def _translate_steps(self):
        """The texts of other languages follow, too."""
        for lang, _name in self.env["res.lang"].get_installed():
            if lang == (self.env.lang or "en_US"):
                continue
            survey = self.with_context(lang=lang)
            for code, values in survey._wanted_steps().items():
                step = survey.step_ids.filtered(lambda s, c=code: s.code == c)
                texts = {name: values[name] for name in TEXTS if name in values}
                if step._differs(texts):
                    step.write(texts)
