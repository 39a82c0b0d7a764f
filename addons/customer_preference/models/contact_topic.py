from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ContactTopic(models.Model):
    """What messages are about; people opt out of one without losing the rest."""

    _name = "contact.topic"
    _description = "Contact Topic"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="How other systems name the topic.")
    description = fields.Char(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex("(code)", "There is a topic with this code.")

    @api.model
    def _by_code(self, code):
        """Return the topic ``code``, or none for a false one.

        :raises ValidationError: there is no such topic
        """
        if code is None or code is False or code == "":
            return self.browse()
        topics = self.sudo().search([("active", "=", True)])
        topic = topics.filtered(lambda t: t.code == code)
        if not topic:
            raise ValidationError(
                self.env._(
                    "topic: %(value)s is unknown; allowed are %(allowed)s.",
                    value=repr(code)[:100],
                    allowed=", ".join(topics.mapped("code")),
                )
            )
        return topic.sudo(False)
