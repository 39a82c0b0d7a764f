from odoo import models
from odoo.tools import SQL

from ..tools.documents import of_event, of_run, same_documents


class EngagementGoal(models.AbstractModel):
    """What counts as the success of an enrolment."""

    _name = "engagement.goal"
    _description = "Goal of a Campaign"

    def _is_rescue(self):
        """Whether reaching the goal recovers what was as good as lost."""
        return self.campaign_type == "rescue"

    def _goal_query(self):
        """Select order, value and moment of what enrolment ``e`` converted to: the
        first that reached the goal within the attribution window.
        """
        if self.goal == "event":
            return self._goal_event_query()
        if self.goal == "none":
            return SQL(
                "SELECT NULL::int AS order_id, NULL::numeric AS value,"
                " NULL::timestamp AS happened_at"
            )
        return SQL(
            """
            SELECT o.id AS order_id,
                   o.amount_untaxed / coalesce(nullif(o.currency_rate, 0), 1) AS value,
                   o.date_order AS happened_at
              FROM res_partner p
              JOIN sale_order o ON o.partner_id = p.id AND o.company_id = e.company_id
             WHERE p.commercial_partner_id = e.customer_id AND o.state = 'sale'
               AND o.date_order >= e.started_at
               AND o.date_order <= e.started_at + %s AND %s
               AND NOT EXISTS (
                SELECT FROM campaign_enrollment n
                 WHERE n.definition_id = e.definition_id
                   AND n.customer_id = e.customer_id
                   AND n.started_at > e.started_at AND n.started_at <= o.date_order)
             ORDER BY o.date_order, o.id LIMIT 1
            """,
            self._window(),
            self._goal_sql(),
        )

    def _goal_event_query(self):
        return SQL(
            """
            SELECT NULL::int AS order_id,
                   CASE WHEN jsonb_typeof(v.data->'value') = 'number'
                        THEN (v.data->>'value')::numeric END AS value,
                   v.occurred_at AS happened_at
              FROM lifecycle_event v
             WHERE v.customer_id = e.customer_id AND v.company_id = e.company_id
               AND v.event_type = %s AND v.occurred_at >= e.started_at
               AND v.occurred_at <= e.started_at + %s AND %s
             ORDER BY v.occurred_at LIMIT 1
            """,
            self.goal_event,
            self._window(),
            same_documents(of_run("e"), of_event("v")),
        )
