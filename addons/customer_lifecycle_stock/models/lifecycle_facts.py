from odoo import api, models
from odoo.tools import SQL


class LifecycleFacts(models.AbstractModel):
    _inherit = "lifecycle.facts"

    @api.model
    def _refresh_other_facts(self, scope, now):
        result = super()._refresh_other_facts(scope, now)
        self._refresh_deliveries(scope, now)
        return result

    def _refresh_deliveries(self, scope, now):
        """Count the first delivery of the rows in ``scope`` from the pickings.

        What came back later has been delivered all the same: a return is a picking
        of its own and takes no first delivery away.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_lifecycle u SET first_delivery_date = f.day
                  FROM (
                    SELECT l.id, min(%(day)s) AS day
                      FROM customer_lifecycle l
                      JOIN (%(policy)s) p ON p.company_id = l.company_id
                      LEFT JOIN (%(deliveries)s) d
                        ON d.customer_id = l.customer_id
                       AND d.company_id = l.company_id AND %(day)s <= p.today
                     WHERE %(scope)s
                     GROUP BY l.id) f
                 WHERE u.id = f.id AND u.first_delivery_date IS DISTINCT FROM f.day
                """,
                policy=self._policy_relation(now),
                deliveries=self.env["stock.picking"]._lifecycle_deliveries_query(),
                # The whole day, as for orders: done after ``now`` but noticed before.
                day=SQL("(d.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE p.tz)::date"),
                scope=scope,
            )
        )
