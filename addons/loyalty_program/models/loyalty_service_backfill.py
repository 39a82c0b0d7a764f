from odoo import api, fields, models
from odoo.exceptions import ValidationError


class LoyaltyServiceBackfill(models.AbstractModel):
    """Points for past orders, as other systems ask for them."""

    _name = "loyalty.service.backfill"
    _description = "Loyalty Service: past orders"

    @api.model
    def start_backfill(self, program_code=None, since=None):
        """Credit the orders from before the accounts, in the background.

        :param str program_code: code of a program with accounts; the first one of the
            company by default
        :param str since: ISO date of the first orders that count; all by default
        :return: dict as of ``get_backfill``
        :raises ValidationError: unknown program, no date, nothing to do, or running
        :raises AccessError: the user is no lifecycle manager
        """
        self.env["lifecycle.engine"]._check_manager()
        program = self._program(program_code)
        values = {"program_id": program.id, "since": self._day("since", since)}
        backfill = self.env["loyalty.backfill"].create(values)
        backfill.action_start()
        return self._backfill(backfill)

    @api.model
    def get_backfill(self, backfill_id):
        """Return how far the crediting of past orders is.

        :param int backfill_id: as ``start_backfill`` returned it
        :return: dict with id, state (running, done or cancelled), progress (percent),
            orders and customers (to do), order_count and customer_count (done), points
            (net of refunds) and points_expired (of them, since)
        :raises ValidationError: unknown
        :raises AccessError: the user is no marketer
        """
        engine = self.env["lifecycle.engine"]
        engine._check_marketer()
        (number,) = engine._check_ids("backfill_id", [backfill_id])
        backfill = self.env["loyalty.backfill"].browse(number).exists()
        if not backfill:
            raise ValidationError(self.env._("backfill_id: there is no %s.", number))
        backfill.check_access("read")
        return self._backfill(backfill)

    def _backfill(self, backfill):
        return {
            "id": backfill.id,
            "state": backfill.state,
            "progress": backfill.progress,
            "orders": backfill.order_total,
            "customers": backfill.customer_total,
            "order_count": backfill.order_count,
            "customer_count": backfill.customer_count,
            "points": backfill.points,
            "points_expired": backfill.points_expired,
        }

    def _day(self, name, value):
        if value is None or value is False:
            return False
        try:
            return fields.Date.to_date(value)
        except (TypeError, ValueError, AttributeError):
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is not allowed; allowed are ISO dates.",
                    name=name,
                    value=repr(value)[:100],
                )
            ) from None
