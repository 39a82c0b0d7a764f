import math
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import NEVER

# Comparing "days ago" turns the comparison of the dates around.
MAX_DAYS = 36_500
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class LifecycleSilence(models.AbstractModel):
    """Searching by days that are not stored: they change every midnight."""

    _name = "lifecycle.silence"
    _description = "Search by Days of Silence"

    @api.model
    def _search_days(self, field_name, operator, value):
        if operator not in MIRRORED:
            return NotImplemented
        # Days are whole: at least 1.5 of them are 2, more than 1.5 more than 1.
        day = self._days_ago(
            value, math.ceil if operator in (">=", "<") else math.floor
        )
        return [(field_name, MIRRORED[operator], day)]

    @api.model
    def _days_ago(self, days, whole=math.floor):
        """Return the date so many days ago; what is too far back stops at year 1."""
        try:
            number = whole(days)
        except (TypeError, ValueError, OverflowError):
            raise ValidationError(
                self.env._("Days: %s is no number of days.", repr(days)[:50])
            ) from None
        today = fields.Date.context_today(self)
        span = (today - date.min).days
        return today - timedelta(days=min(max(number, -MAX_DAYS), span))

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
        whole = [v for v in values if not (isinstance(v, float) and v % 1)]
        days = [self._days_ago(value) for value in whole]
        if NEVER in values and field_name == "last_order_date":
            days.append(False)
        return [(field_name, "in", days)]
