from datetime import timedelta

from odoo import api, fields, models

from ..const import NEVER

# Comparing "days ago" turns the comparison of the dates around.
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class LifecycleSilence(models.AbstractModel):
    """Searching by days that are not stored: they change every midnight."""

    _name = "lifecycle.silence"
    _description = "Search by Days of Silence"

    @api.model
    def _search_days(self, field_name, operator, value):
        if operator not in MIRRORED:
            return NotImplemented
        day = fields.Date.context_today(self) - timedelta(days=int(value))
        return [(field_name, MIRRORED[operator], day)]

    @api.model
    def _search_days_as_customer(self, operator, value):
        if operator == "in":
            return self._search_days_in("customer_since", value)
        return self._search_days("customer_since", operator, value)

    @api.model
    def _search_days_since_last_order(self, operator, value):
        if operator == "in":
            return self._search_days_in("last_order_date", value)
        domain = self._search_days("last_order_date", operator, value)
        if domain is NotImplemented:
            return domain
        never = {"<": NEVER < value, "<=": NEVER <= value}
        never |= {">": NEVER > value, ">=": NEVER >= value}
        if never[operator]:
            return ["|", ("last_order_date", "=", False), *domain]
        return domain

    @api.model
    def _search_days_in(self, field_name, values):
        today = fields.Date.context_today(self)
        days = [today - timedelta(days=int(value)) for value in values]
        if NEVER in values and field_name == "last_order_date":
            days.append(False)
        return [(field_name, "in", days)]
