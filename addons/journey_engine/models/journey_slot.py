from odoo import fields, models


class JourneySlot(models.Model):
    """Who walks something of an exclusive group, over all kinds of journeys."""

    _name = "journey.slot"
    _description = "Exclusive Group of a Customer"
    _log_access = False

    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    exclusive_group = fields.Char(required=True, readonly=True)
    run_model = fields.Char(required=True, readonly=True)
    run_id = fields.Many2oneReference(
        model_field="run_model", required=True, readonly=True
    )
    priority = fields.Integer(required=True, readonly=True)

    _group_uniq = models.UniqueIndex("(customer_id, company_id, exclusive_group)")
    _run_uniq = models.UniqueIndex("(run_model, run_id)")

    def _is_taken(self, definition, customer):
        """Whether a customer walks something of the definition's exclusive group that
        does not make room for it.
        """
        found = self.sudo().search_count(
            [
                ("customer_id", "=", customer.id),
                ("company_id", "=", definition.company_id.id),
                ("exclusive_group", "=", definition.exclusive_group or ""),
                ("priority", ">=", definition.priority),
            ],
            limit=1,
        )
        return bool(found)
