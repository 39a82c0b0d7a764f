from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import CATEGORIES, CHANNELS
from ..tools.caps import Cap

# Messages, days: what nobody minds.
USUAL = ((1, 1), (4, 7))


class ContactFrequencyCap(models.Model):
    _name = "contact.frequency.cap"
    _description = "Frequency Cap"
    _order = "company_id, category, period_days, id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    channel = fields.Selection(CHANNELS, help="Empty: all channels together.")
    category = fields.Selection(CATEGORIES, required=True, default="marketing")
    max_messages = fields.Integer("Messages at most", required=True, default=1)
    period_days = fields.Integer("In days", required=True, default=1)
    active = fields.Boolean(default=True)

    @api.depends("max_messages", "period_days")
    def _compute_display_name(self):
        for cap in self:
            cap.display_name = self.env._(
                "%(messages)s in %(days)s days",
                messages=cap.max_messages,
                days=cap.period_days,
            )

    @api.constrains("max_messages", "period_days", "category")
    def _check_numbers(self):
        for cap in self:
            if not 1 <= cap.max_messages <= 1000 or not 1 <= cap.period_days <= 366:
                raise ValidationError(
                    self.env._(
                        "A cap allows 1 to 1000 messages in 1 to 366 days; to stop "
                        "messages altogether, switch off what sends them."
                    )
                )
            if cap.category == "transactional":
                raise ValidationError(
                    self.env._("Messages about orders and payments are never capped.")
                )

    @api.model
    def _ensure(self, companies):
        """Give companies without caps the usual ones."""
        caps = self.with_context(active_test=False)
        known = caps.search([("company_id", "in", companies.ids)]).company_id
        self.create(
            [
                {"company_id": company.id, "max_messages": most, "period_days": days}
                for company in companies - known
                for most, days in USUAL
            ]
        )

    @api.model
    def _caps(self):
        """Return the caps of the current company as values."""
        rows = self.sudo().search([("company_id", "=", self.env.company.id)])
        return [
            Cap(row.category, row.max_messages, row.period_days, row.channel or "")
            for row in rows
        ]
