import ast
import json

from odoo import models

from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..const import STEP_TYPE_KEYS
from .onboarding_steps import OWN_KEYS, TEXTS


class OnboardingStepJson(models.AbstractModel):
    """A step as an element of the list."""

    _name = "onboarding.step.json"
    _description = "Step of an Onboarding Journey as JSON"

    def _as_json(self):
        """Return what the step is beyond the defaults, as JSON."""
        self.ensure_one()
        found = {"id": self.code}
        if self.name:
            found["name"] = self.name
        found["type"] = self.type
        if self.delay_hours or self.kind == "message":
            found["delay_hours"] = whole(self.delay_hours)
        # What an earlier type of the step said is no more.
        texts = {"email": self.template_id, "sms": self.sms_template_id}
        if template := texts.get(self.type):
            found["template_id"] = template.id
        if self.kind == "milestone":
            found["target"] = self.target
        if self.kind == "content":
            found["content_id"] = self.content_id.id
        return found | self._as_further_json()

    def _as_further_json(self):
        found = {
            name: self[name]
            for name in ("is_optional", "is_blocking", *TEXTS)
            if self[name] and self.type in OWN_KEYS.get(name, STEP_TYPE_KEYS)
        }
        if self.condition:
            condition = ast.literal_eval(self.condition)
            found["condition"] = json.loads(json.dumps(condition))
        return found
