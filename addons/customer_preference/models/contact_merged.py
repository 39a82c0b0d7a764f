from odoo import api, fields, models


class ContactMerged(models.Model):
    """Who became whom: the links of old messages still work after a merge."""

    _name = "contact.merged"
    _description = "Merged Contact"
    _rec_name = "former_id"
    _log_access = False

    former_id = fields.Integer(required=True, readonly=True)
    person_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True, readonly=True
    )

    _former_uniq = models.UniqueIndex("(former_id)")

    @api.model
    def _remember(self, source, target):
        """Remember that ``source`` becomes ``target``."""
        self.env.cr.execute(
            """
            INSERT INTO contact_merged (former_id, person_id) VALUES (%s, %s)
            ON CONFLICT (former_id) DO UPDATE SET person_id = excluded.person_id
            """,
            [source.id, target.id],
        )
        self.invalidate_model()

    @api.model
    def _follow(self, number):
        """Return the partner that has, or was merged from, the id ``number``."""
        person = self.env["res.partner"].browse(number).exists()
        return person or self.search([("former_id", "=", number)]).person_id
