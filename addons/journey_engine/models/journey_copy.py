from odoo import fields, models


class JourneyCopy(models.AbstractModel):
    """Journeys are duplicated with their steps."""

    _name = "journey.copy"
    _description = "Copy of a Journey"

    def copy_data(self, default=None):
        """A copy starts as a draft with its own steps and code."""
        values_list = super().copy_data(default)
        for definition, values in zip(self, values_list, strict=True):
            if "name" not in (default or {}):
                values["name"] = self.env._("%s (copy)", definition.name)
            values.setdefault("code", definition._free_code())
            values["step_ids"] = [
                fields.Command.create({**copied, "code": step.code})
                for step, copied in zip(
                    definition.step_ids, definition.step_ids.copy_data(), strict=True
                )
            ]
        return values_list

    def _free_code(self):
        """Return the first of code_2, code_3 ... that no journey has."""
        codes = set(
            self.with_context(active_test=False)
            .search(
                [
                    ("code", "=like", f"{self.code}%"),
                    ("company_id", "=", self.company_id.id),
                ]
            )
            .mapped("code")
        )
        number = 2
        while f"{self.code}_{number}" in codes:
            number += 1
        return f"{self.code}_{number}"
