from odoo import api, fields, models


class JourneyVersion(models.Model):
    """Frozen copies of a definition's steps; runs finish on the version they entered.

    The steps that a marketer edits have no version. The first enrolment after a
    change freezes them, so that nobody under way ever meets a changed journey.
    """

    _name = "journey.version"
    _description = "Journey Version"
    _order = "definition_model, definition_id, number desc"
    _rec_name = "number"

    definition_model = fields.Char(required=True, readonly=True)
    definition_id = fields.Many2oneReference(
        "Journey", model_field="definition_model", required=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    number = fields.Integer(required=True, readonly=True)
    run_count = fields.Integer("Running", compute="_compute_run_count")

    _number_uniq = models.UniqueIndex("(definition_model, definition_id, number)")

    @api.depends("definition_model")
    def _compute_run_count(self):
        for model, versions in self.grouped("definition_model").items():
            if model not in self.env:
                versions.run_count = 0
                continue
            counts = dict(
                self.env[self.env[model]._run_model]._read_group(
                    [
                        ("version_id", "in", versions.ids),
                        ("run_state", "=", "running"),
                    ],
                    ["version_id"],
                    ["__count"],
                )
            )
            for version in versions:
                version.run_count = counts.get(version, 0)

    @api.model
    def _freeze(self, definition):
        """Return a new version with copies of the definition's steps as they are."""
        former = self.search(self._domain_of(definition), limit=1)
        version = self.create(
            {
                "definition_model": definition._name,
                "definition_id": definition.id,
                "company_id": definition.company_id.id,
                "number": former.number + 1,
            }
        )
        for step in definition.step_ids.sorted(lambda s: (s.sequence, s.id)):
            step._ensure_mailing()
            frozen = {"version_id": version.id, "mailing_id": step.mailing_id.id}
            step.copy({**frozen, "code": step.code})
        # Without steps there is nothing to close, and nobody enters.
        if definition.step_ids and (closing := definition._closing_step()):
            ids = {"definition_id": definition.id, "version_id": version.id}
            definition.step_ids.create({**closing, **ids})
        return version

    @api.model
    def _domain_of(self, definition):
        return [
            ("definition_model", "=", definition._name),
            ("definition_id", "=", definition.id),
        ]

    def _steps(self):
        """Return the frozen steps in their order."""
        self.ensure_one()
        steps = self.env[self.env[self.definition_model]._step_model].sudo()
        domain = [
            ("version_id", "=", self.id),
            ("definition_id", "=", self.definition_id),
        ]
        return steps.search(domain, order="sequence, id")
