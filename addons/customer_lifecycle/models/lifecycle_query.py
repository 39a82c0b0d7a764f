from odoo import api, models
from odoo.exceptions import ValidationError

from ..const import STAGE_KEYS

MAX_LIMIT = 10_000
MAX_OFFSET = 10_000_000


class LifecycleQuery(models.AbstractModel):
    """Reading customers, counts and timelines from outside."""

    _inherit = "lifecycle.engine"

    @api.model
    def get_stage_counts(self):
        """Return the number of active customers per stage.

        :return: dict of stage key to integer, every stage present
        :raises AccessError: the user is no marketer
        """
        self._check_marketer()
        groups = self.env["customer.lifecycle"]._read_group(
            [], ["current_stage"], ["__count"]
        )
        return dict.fromkeys(STAGE_KEYS, 0) | dict(groups)

    @api.model
    def get_customers(self, stage=None, limit=100, offset=0, order=None):
        """Return customers with their stage, scores and facts.

        :param str stage: key of a stage; all stages by default
        :param int limit: 1 to 10,000
        :param int offset: number of customers to skip
        :param str order: like ``"total_revenue desc, id"``
        :return: list of dicts; dates as ISO text, False where empty
        :raises ValidationError: unknown stage, field of order, or bad number
        :raises AccessError: the user is no marketer
        """
        self._check_marketer()
        lifecycle = self.env["customer.lifecycle"]
        domain = []
        if stage is not None and stage is not False and stage != "":
            lifecycle._check_allowed("stage", stage, STAGE_KEYS)
            domain.append(("current_stage", "=", stage))
        self._check_page(limit, offset)
        rows = lifecycle.search(
            domain, limit=limit, offset=offset, order=self._check_order(order)
        )
        return [self._as_json(values) for values in rows._api_values()]

    @api.model
    def get_timeline(self, customer_id, limit=100, offset=0):
        """Return what happened with one customer, newest first.

        :param int customer_id: id of a partner
        :param int limit: 1 to 10,000
        :param int offset: number of events to skip
        :return: list of dicts: id, event_type, label, occurred_at (ISO, UTC),
            res_model, res_id, data
        :raises ValidationError: the id is unknown
        :raises AccessError: the user is neither marketer nor salesperson
        """
        self._check_reader()
        customer = self._check_customers("customer_id", [customer_id])
        self._check_page(limit, offset)
        events = self.env["lifecycle.event"].search(
            [("customer_id", "=", customer.id)], limit=limit, offset=offset
        )
        return [
            {
                "id": event.id,
                "event_type": event.event_type,
                "label": str(event.event_label),
                "occurred_at": event.occurred_at.isoformat(),
                "res_model": event.res_model or False,
                "res_id": event.res_id or False,
                "data": event.data or {},
            }
            for event in events
        ]

    @api.model
    def _check_page(self, limit, offset):
        self._check_number("limit", limit, 1, MAX_LIMIT)
        self._check_number("offset", offset, 0, MAX_OFFSET)

    @api.model
    def _check_number(self, name, value, low, high):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is no whole number from %(low)s to %(high)s.",
                    name=name,
                    value=repr(value)[:50],
                    low=low,
                    high=high,
                )
            )

    @api.model
    def _check_order(self, order):
        """Return ``order`` if each of its terms is a stored field and a direction."""
        if not order:
            return "id"
        stored = [
            name
            for name, field in self.env["customer.lifecycle"]._fields.items()
            if field.store and field.column_type
        ]
        for term in str(order).split(","):
            name, _space, direction = term.strip().partition(" ")
            if name not in stored or direction.strip().lower() not in (
                "",
                "asc",
                "desc",
            ):
                raise ValidationError(
                    self.env._(
                        "order: %(term)s is unknown; allowed are asc or desc of "
                        "%(fields)s.",
                        term=repr(term.strip())[:100],
                        fields=", ".join(sorted(stored)),
                    )
                )
        return order
