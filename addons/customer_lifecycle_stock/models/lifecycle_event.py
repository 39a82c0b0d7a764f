from odoo import api, models
from odoo.tools import SQL


class LifecycleEvent(models.Model):
    _inherit = "lifecycle.event"

    @api.model
    def _event_labels(self):
        return super()._event_labels() | {
            "delivery_done": self.env._("Delivered"),
            "first_delivery_completed": self.env._("First delivery"),
        }

    @api.model
    def _event_consumers(self):
        return super()._event_consumers() | {"deliveries": "_consume_deliveries"}

    def _is_fact(self):
        return self.event_type != "first_delivery_completed" and super()._is_fact()

    def _consume_deliveries(self):
        """Tell which of these deliveries were the first of their customers."""
        done = self.filtered(lambda event: event.event_type == "delivery_done")
        if done:
            self.env.flush_all()
            members = SQL(
                "SELECT customer_id, company_id FROM lifecycle_event"
                " WHERE id = ANY(%s)",
                done.ids,
            )
            # A first delivery older than these is not theirs to announce.
            firsts = SQL(
                "SELECT f.* FROM (%s) f WHERE f.res_id = ANY(%s)",
                self._first_deliveries_query(members),
                done.mapped("res_id"),
            )
            self._record_query(firsts)

    @api.model
    def _first_deliveries_query(self, members):
        """Select the first delivery of customers for whom none is told yet.

        :param SQL members: query of ``customer_id, company_id``
        """
        return SQL(
            """
            SELECT d.customer_id, d.company_id,
                   'first_delivery_completed' AS event_type,
                   'first_delivery_completed:' || d.customer_id AS event_key,
                   d.occurred_at, d.res_model, d.res_id, d.data
              FROM (
                SELECT DISTINCT ON (d.customer_id, d.company_id) d.*
                  FROM (%(members)s) m
                  JOIN (%(deliveries)s) d ON d.customer_id = m.customer_id
                                         AND d.company_id = m.company_id
                 ORDER BY d.customer_id, d.company_id, d.occurred_at, d.res_id) d
             WHERE NOT EXISTS (
                SELECT FROM lifecycle_event e
                 WHERE e.customer_id = d.customer_id AND e.company_id = d.company_id
                   AND e.event_type = 'first_delivery_completed')
            """,
            members=members,
            deliveries=self.env["stock.picking"]._lifecycle_deliveries_query(),
        )

    @api.model
    def _record_history(self, scope, now):
        result = super()._record_history(scope, now)
        members = SQL(
            "SELECT l.customer_id, l.company_id FROM customer_lifecycle l WHERE %s",
            scope,
        )
        self._record_query(
            SQL(
                """
                SELECT d.* FROM (%s) d JOIN (%s) m ON m.customer_id = d.customer_id
                                                  AND m.company_id = d.company_id
                 WHERE d.occurred_at <= %s
                """,
                self.env["stock.picking"]._lifecycle_deliveries_query(),
                members,
                now,
            ),
            history=True,
        )
        self._record_first_delivery_history(members, now)
        return result

    def _record_first_delivery_history(self, members, now):
        """Write first deliveries silently, unless their news is still on its way."""
        self._record_query(
            SQL(
                """
                SELECT f.* FROM (%s) f
                 WHERE f.occurred_at <= %s AND NOT EXISTS (
                    SELECT FROM lifecycle_event e
                     WHERE e.company_id = f.company_id AND e.is_pending
                       AND e.event_key COLLATE "C" = 'delivery_done:' || f.res_id)
                """,
                self._first_deliveries_query(members),
                now,
            ),
            history=True,
        )
