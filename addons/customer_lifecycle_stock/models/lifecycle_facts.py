from odoo import api, models
from odoo.tools import SQL


class LifecycleFacts(models.AbstractModel):
    _inherit = "lifecycle.facts"

    @api.model
    def _other_facts_queries(self, scope, now):
        return [
            *super()._other_facts_queries(scope, now),
            (("first_delivery_date",), self._first_delivery_query(scope, now)),
        ]

    def _first_delivery_query(self, scope, now):
        """Select the first delivery of the rows in ``scope`` from the pickings.

        What came back later has been delivered all the same: a return is a picking
        of its own and takes no first delivery away.
        """
        return SQL(
            """
            SELECT l.id, min(%(day)s) AS first_delivery_date
              FROM customer_lifecycle l
              JOIN (%(policy)s) p ON p.company_id = l.company_id
              LEFT JOIN (%(deliveries)s) d
                ON d.customer_id = l.customer_id
               AND d.company_id = l.company_id AND %(day)s <= p.today
             WHERE %(scope)s
             GROUP BY l.id
            """,
            policy=self._policy_relation(now),
            deliveries=self.env["stock.picking"]._lifecycle_deliveries_query(),
            # The whole day, as for orders: done after ``now`` but noticed before.
            day=SQL("(d.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE p.tz)::date"),
            scope=scope,
        )
