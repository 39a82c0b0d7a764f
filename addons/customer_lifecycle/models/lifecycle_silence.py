import math
from datetime import date, timedelta

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

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
        number = self._whole_days(
            value, math.ceil if operator in (">=", "<") else math.floor
        )
        return self._by_local_day(
            lambda today: [(field_name, MIRRORED[operator], _days_ago(today, number))]
        )

    @api.model
    def _by_local_day(self, domain_on):
        """Return ``domain_on(today)`` with what each company calls today."""
        companies = {}
        for company in self.env["res.company"].sudo().search([("id", ">", 0)]):
            companies.setdefault(self._local_today(company), []).append(company.id)
        return Domain.OR(
            Domain("company_id", "in", ids) & Domain(domain_on(today))
            for today, ids in companies.items()
        )

    @api.model
    def _whole_days(self, days, whole=math.floor):
        """Return ``days`` as a whole number, no further than ``MAX_DAYS`` ahead."""
        try:
            return max(whole(days), -MAX_DAYS)
        except (TypeError, ValueError, OverflowError):
            raise ValidationError(
                self.env._("Days: %s is no number of days.", repr(days)[:50])
            ) from None

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
            return Domain("last_order_date", "=", False) | domain
        return domain

    @api.model
    def _search_days_in(self, field_name, values):
        whole = [v for v in values if not (isinstance(v, float) and v % 1)]
        days = [self._whole_days(value) for value in whole]
        never = NEVER in values and field_name == "last_order_date"
        return self._by_local_day(
            lambda today: [
                (
                    field_name,
                    "in",
                    [_days_ago(today, number) for number in days] + [False] * never,
                )
            ]
        )


def _days_ago(today, days):
    """Return the date so many days before; what is too far back stops at year 1."""
    return today - timedelta(days=min(days, (today - date.min).days))
