from odoo import api, models

from odoo.addons.customer_lifecycle.tools.json_view import (
    JsonReader,
    JsonView,
    domain_of,
)

from ..const import CUSTOMER_KINDS, STEP_TYPE_KEYS

TEXTS = ("title", "body", "link")
KEYS = (
    "id",
    "name",
    "type",
    "delay_hours",
    "template_id",
    "milestone_type",
    "target",
    "content_id",
    "is_optional",
    "is_blocking",
    "condition",
    *TEXTS,
)
# What only steps of a type may say.
OWN_KEYS = {
    "milestone_type": ("milestone",),
    "target": ("milestone",),
    "content_id": ("content",),
    "template_id": ("email", "sms"),
    "is_blocking": CUSTOMER_KINDS,
    "title": ("push", "task"),
    "body": ("push", "sms", "task"),
    "link": ("push", "task"),
}
MUST = {"milestone": ("target",), "content": ("content_id",)}


class OnboardingSteps(models.AbstractModel):
    """The steps of a journey as JSON: ``steps``."""

    _name = "onboarding.steps"
    _description = "Steps of an Onboarding Journey as JSON"

    steps = JsonView(
        "Steps as JSON", compute="_compute_steps", inverse="_inverse_steps"
    )

    @api.depends(
        "step_ids",
        "step_ids.sequence",
        "step_ids.code",
        "step_ids.name",
        "step_ids.kind",
        "step_ids.channel",
        "step_ids.delay_hours",
        "step_ids.template_id",
        "step_ids.sms_template_id",
        "step_ids.milestone_type",
        "step_ids.milestone_operator",
        "step_ids.milestone_value",
        "step_ids.content_id",
        "step_ids.is_optional",
        "step_ids.is_blocking",
        "step_ids.condition",
        *(f"step_ids.{name}" for name in TEXTS),
    )
    def _compute_steps(self):
        for journey in self:
            steps = journey.step_ids.sorted(lambda s: (s.sequence, s.id))
            journey.steps = [step._as_json() for step in steps]

    def _inverse_steps(self):
        """Make the steps be what the JSON says; one of the same code stays, and with it
        its statistics.
        """
        for journey in self:
            entries = JsonReader(self.env, journey.steps, "steps").entries()
            wanted = [
                journey._entry_values(entry, number)
                for number, entry in enumerate(entries, 1)
            ]
            journey._check_ids_differ(entries)
            journey._become_steps(wanted)

    def _entry_values(self, entry, number):
        """Return the values of the step that an element of the list describes."""
        entry.check_keys(KEYS, required=("id", "type"))
        kind = entry.choice("type", STEP_TYPE_KEYS)
        self._check_own_keys(entry, kind)
        values = {
            "sequence": 10 * number,
            "code": entry.text("id"),
            "type": kind,
            "name": entry.text("name", False),
            "delay_hours": entry.number("delay_hours", 0, 24 * 366 * 5, 0),
            "is_optional": entry.flag("is_optional", False),
            "is_blocking": entry.flag("is_blocking", False),
            "content_id": entry.record("content_id", "onboarding.content", False).id,
            "condition": self._condition_text(entry),
            **{name: entry.text(name, False) for name in TEXTS},
        }
        # What an earlier type of the step said is no more.
        values |= {"template_id": False, "sms_template_id": False}
        values |= {"milestone_type": False}
        if kind in ("email", "sms"):
            name = "sms_template_id" if kind == "sms" else "template_id"
            model = "sms.template" if kind == "sms" else "mail.template"
            values[name] = entry.record("template_id", model, False).id
        if kind == "milestone":
            values |= self._milestone_values(entry)
        return values

    @api.model
    def _check_own_keys(self, entry, kind):
        for key in entry.value:
            if kind not in OWN_KEYS.get(key, STEP_TYPE_KEYS):
                allowed = [
                    name for name in KEYS if kind in OWN_KEYS.get(name, STEP_TYPE_KEYS)
                ]
                entry.check_keys(allowed)
        entry.check_keys(KEYS, required=MUST.get(kind, ()))

    def _condition_text(self, entry):
        if not entry.value.get("condition"):
            return False
        text = str(domain_of(entry.value["condition"]))
        step = self.env[self._step_model]
        step._check_domain(f"{entry.path}.condition", text, "customer.lifecycle")
        return text

    @api.model
    def _milestone_values(self, entry):
        steps = self.env[self._step_model]
        path = f"{entry.path}.target"
        values = steps._target_values(path, entry.value["target"])
        # It says the same as the target, or nothing.
        entry.choice("milestone_type", [values["milestone_type"]], None)
        return values

    @api.model
    def _check_ids_differ(self, entries):
        codes = [entry.value["id"] for entry in entries]
        for place, entry in enumerate(entries):
            if codes[place] in codes[:place]:
                entry.choice("id", [self.env._("an id that no other step has")])

    def get_steps(self):
        """Return the steps as ``steps`` reads: a list of dicts."""
        self.ensure_one()
        self.check_access("read")
        return self.steps
