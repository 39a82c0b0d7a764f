from odoo import models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.json_view import whole


class EngagementMilestone(models.AbstractModel):
    """Who enters a campaign because of what he reached; each target counts once."""

    _name = "engagement.milestone"
    _description = "Entry into a Campaign by Milestone"

    def _enter_milestone(self, events, now):
        """Enrol, per target, those whose order among ``events`` reached it; of several
        at once the highest is celebrated.
        """
        self._count_what_happened(events, now)
        moment = self._after(events, now)
        for target in reversed(self._targets()):
            self.env.flush_all()
            reached = getattr(self, f"_query_{self.milestone}_reached")
            scope = SQL(
                """l.customer_id IN (%s) AND NOT EXISTS (
                    SELECT FROM campaign_enrollment k
                     WHERE k.definition_id = %s AND k.customer_id = l.customer_id
                       AND k.context->>'target' = %s)""",
                reached(events, target),
                self.id,
                str(whole(target)),
            )
            context = SQL(
                "jsonb_build_object('milestone', %s::text, 'target', %s::text)",
                self.milestone,
                str(whole(target)),
            )
            self._admit(scope, moment, context)

    def _query_revenue_reached(self, events, target):
        """Select the customers whom an order of the events took past ``target``."""
        return SQL(
            """SELECT customer_id FROM (%s) o
                WHERE o.total >= %s AND o.total - o.amount < %s AND o.id = ANY(%s)""",
            self._ranked_orders_query(events),
            target,
            target,
            events.mapped("res_id"),
        )

    def _enter_missed(self, ids, now):
        """Enrol those who reached a further target while they walked for an earlier
        one: nobody walks a campaign twice at a time.

        :param list ids: of enrolments that have ended
        :param datetime now: naive UTC
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id FROM campaign_enrollment r
                  JOIN lifecycle_event e ON e.customer_id = r.customer_id
                   AND e.company_id = r.company_id
                   AND e.event_type = 'order_confirmed'
                   AND e.occurred_at >= r.started_at
                 WHERE r.id = ANY(%s) AND r.definition_id = %s
                """,
                list(ids),
                self.id,
            )
        )
        events = self.env["lifecycle.event"].sudo().browse([row[0] for row in rows])
        if events:
            with self._alone():
                self._enter_milestone(events, now)
