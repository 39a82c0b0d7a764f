from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL


class JourneyTrigger(models.AbstractModel):
    """What journeys that start by events have in common; they add ``trigger_type``."""

    _name = "journey.trigger"
    _description = "Trigger of a Journey"

    @api.model
    def _listening(self, trigger_type, company, **values):
        """Return the switched-on journeys with a trigger, the first to ask first."""
        domain = [
            ("is_active", "=", True),
            ("trigger_type", "=", trigger_type),
            ("company_id", "=", company.id),
            *((name, "in", list(wanted)) for name, wanted in values.items()),
        ]
        return self.sudo().search(domain, order="priority desc, id")

    @api.model
    def _after(self, events, now):
        """Return a moment after what happened: an order of the same second must not
        count as what the journey brought about.
        """
        return max([now, *events.mapped("occurred_at")]) + timedelta(seconds=1)

    # ----------------------------------------------------------------------- orders
    def _query_orders_reached(self, events, target):
        """Select the customers whose order number ``target`` is among the events'."""
        return SQL(
            "SELECT customer_id FROM (%s) o WHERE o.number = %s AND o.id = ANY(%s)",
            self._ranked_orders_query(events),
            int(target),
            events.mapped("res_id"),
        )

    def _ranked_orders_query(self, events):
        # Window functions: _read_group cannot number the orders of a customer.
        return SQL(
            """
            SELECT so.id, p.commercial_partner_id AS customer_id, v.amount,
                   row_number() OVER w AS number, sum(v.amount) OVER w AS total
              FROM sale_order so JOIN res_partner p ON p.id = so.partner_id
              CROSS JOIN LATERAL (
                SELECT so.amount_total / coalesce(nullif(so.currency_rate, 0), 1)
                    AS amount) v
             WHERE so.state = 'sale' AND so.company_id = %s
               AND p.commercial_partner_id = ANY(%s)
            WINDOW w AS (PARTITION BY p.commercial_partner_id
                         ORDER BY so.date_order, so.id)
            """,
            self.company_id.id,
            events.customer_id.ids,
        )
