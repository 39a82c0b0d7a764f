import ast
import json

from odoo import api, models

from odoo.addons.customer_lifecycle.tools.json_view import (
    JsonReader,
    JsonView,
    domain_of,
    whole,
)

# What an element of the sequence may say beyond the four keys of every message.
TEXTS = ("name", "title", "body", "link", "split")
CHOICES = ("kind", "category", "wait_until", "wait_timeout_action", "without_offer")
WHOLE = ("split_weight", "deadline_days")
NUMBERS = ("wait_timeout_hours", *WHOLE)
RECORDS = {"owner_id": "res.users", "activity_type_id": "mail.activity.type"}
FIELDS = (
    "sequence",
    "code",
    "delay_hours",
    "channel",
    "template_id",
    "sms_template_id",
    "condition",
    "includes_offer",
    *TEXTS,
    *CHOICES,
    *NUMBERS,
    *RECORDS,
)
KEYS = (
    "step",
    "delay_hours",
    "template_id",
    "sms_template_id",
    "channel",
    "code",
    "condition",
    "offer",
    *TEXTS,
    *CHOICES,
    *NUMBERS,
    *RECORDS,
)


class JourneySequence(models.AbstractModel):
    """The steps of a definition as JSON: ``email_sequence``."""

    _name = "journey.sequence"
    _description = "Steps of a Journey as JSON"

    email_sequence = JsonView(
        compute="_compute_email_sequence", inverse="_inverse_email_sequence"
    )

    @api.depends(*(f"step_ids.{name}" for name in FIELDS))
    def _compute_email_sequence(self):
        for definition in self:
            steps = definition.step_ids.sorted(lambda s: (s.sequence, s.id))
            definition.email_sequence = [
                {"step": number, **step._as_json()}
                for number, step in enumerate(steps, 1)
            ]

    def _inverse_email_sequence(self):
        """Make the steps be what the JSON says; one of the same code stays, and with it
        its statistics.
        """
        for definition in self:
            reader = JsonReader(self.env, definition.email_sequence, "email_sequence")
            entries = reader.entries()
            wanted = [
                definition._step_values(entry, number)
                for number, entry in enumerate(entries, 1)
            ]
            definition._check_codes(wanted)
            definition._check_order(entries)
            definition._become_steps(wanted)

    def _step_values(self, entry, number):
        """Return the values of the step that an element of the list describes."""
        entry.check_keys(KEYS, required=("delay_hours",))
        steps = self.env[self._step_model]
        values = {
            "sequence": 10 * number,
            "code": entry.text("code", f"step_{number}"),
            "delay_hours": entry.number("delay_hours", 0, 24 * 366 * 5),
            "channel": entry.choice("channel", steps._keys_of("channel"), "email"),
            "includes_offer": entry.flag("offer", False),
            "condition": self._condition_text(entry),
        }
        defaults = steps.default_get([*TEXTS, *CHOICES, *NUMBERS])
        for name in TEXTS:
            values[name] = entry.text(name, defaults.get(name, False))
        for name in CHOICES:
            default = defaults.get(name, False)
            values[name] = entry.choice(name, steps._keys_of(name), default)
        for name in NUMBERS:
            default = defaults.get(name, 0)
            values[name] = entry.number(name, default=default, whole=name in WHOLE)
        for name, model in RECORDS.items():
            values[name] = entry.record(name, model, False).id
        return values | self._template_values(entry, values["channel"])

    def _template_values(self, entry, channel):
        """On an SMS step ``template_id`` names a template for SMS."""
        own = "sms.template" if channel == "sms" else "mail.template"
        template = entry.record("template_id", own, False)
        text = entry.record("sms_template_id", "sms.template", False)
        return {
            "template_id": False if channel == "sms" else template.id,
            "sms_template_id": template.id if channel == "sms" else text.id,
        }

    def _condition_text(self, entry):
        if not entry.has("condition"):
            return False
        condition = entry.value["condition"]
        step = self.env[self._step_model]
        text = str(domain_of(condition))
        step._check_domain(f"{entry.path}.condition", text, "customer.lifecycle")
        return text if condition else False

    def _check_order(self, entries):
        """The list is the order: a ``step`` that says otherwise is a mistake."""
        last = 0
        for entry in entries:
            last = entry.number("step", last + 1, 10**6, last + 1, whole=True)

    def _check_codes(self, values):
        codes = [vals["code"] for vals in values]
        for place, code in enumerate(codes):
            if code in codes[:place]:
                JsonReader(self.env, {"code": code}, f"email_sequence[{place}]").choice(
                    "code", [self.env._("a code that no other step has")]
                )

    def get_steps(self):
        """Return the steps as ``email_sequence`` reads."""
        self.ensure_one()
        self.check_access("read")
        return self.email_sequence


class JourneyStepMixin(models.AbstractModel):
    """A step as an element of the sequence."""

    _inherit = "journey.step.mixin"

    @api.model
    def _keys_of(self, name):
        return [
            key for key, _label in self._fields[name]._description_selection(self.env)
        ]

    def _as_json(self):
        """Return what the step is beyond the defaults, as JSON."""
        self.ensure_one()
        found = {"delay_hours": whole(self.delay_hours)}
        is_sms = self.channel == "sms"
        template = self.sms_template_id if is_sms else self.template_id
        if template:
            found["template_id"] = template.id
        if self.sms_template_id and not is_sms:
            found["sms_template_id"] = self.sms_template_id.id
        if self.kind == "message":
            found["channel"] = self.channel
        if self.condition:
            found["condition"] = json.loads(
                json.dumps(ast.literal_eval(self.condition))
            )
        if self.includes_offer:
            found["offer"] = True
        return found | self._further_json()

    def _further_json(self):
        defaults = self.default_get([*TEXTS, *CHOICES, *NUMBERS])
        found = {
            name: whole(self[name]) if name in NUMBERS else self[name]
            for name in (*TEXTS, *CHOICES, *NUMBERS)
            if self[name] and self[name] != defaults.get(name)
        }
        found |= {name: self[name].id for name in RECORDS if self[name]}
        # A code that nobody chose says nothing.
        place = self.definition_id.step_ids.sorted(lambda s: (s.sequence, s.id))
        if self.code != f"step_{place.ids.index(self.id) + 1}":
            found["code"] = self.code
        return found
