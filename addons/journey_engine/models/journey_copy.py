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

    def _free_code(self, words: str = ""):
        """Return the words, or the first of words_2, words_3 ... that no journey has.

        :param words: what a code should be; by default the journey's own
        """
        words = words or self.code
        company = self.company_id or self.env.company
        journeys = self.with_context(active_test=False).search(
            [("code", "=like", f"{words}%"), ("company_id", "=", company.id)]
        )
        codes, number, code = set(journeys.mapped("code")), 2, words
        while code in codes:
            code, number = f"{words}_{number}", number + 1
        return code

    def _become_steps(self, wanted):
        """Make the steps be these; one of the same code stays, and with it its
        statistics.

        :param list wanted: values of each step, ``code`` among them
        """
        self.ensure_one()
        known = {step.code: step for step in self.step_ids}
        codes = {values["code"] for values in wanted}
        gone = [step for code, step in known.items() if code not in codes]
        self.step_ids = [
            *(fields.Command.delete(step.id) for step in gone),
            *(
                fields.Command.update(known[values["code"]].id, values)
                if values["code"] in known
                else fields.Command.create(values)
                for values in wanted
            ),
        ]
