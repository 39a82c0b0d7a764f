from odoo import api, fields, models
from odoo.tools import SQL

from ..const import RISK_REASONS

# How far back a bad word or a failed payment explains why somebody is leaving.
RECENT_DAYS = 30


class CustomerLifecycle(models.Model):
    _inherit = "customer.lifecycle"

    risk_reason = fields.Selection(
        RISK_REASONS,
        compute="_compute_risk_reason",
        search="_search_risk_reason",
        help="The most telling sign of leaving: campaigns answer it.",
    )

    @api.model
    def _on_stage_changed(self, transitions):
        result = super()._on_stage_changed(transitions)
        self.env["engagement.campaign"]._on_stages(transitions, fields.Datetime.now())
        return result

    def _compute_risk_reason(self):
        self.env.flush_all()
        query = self._risk_reason_query(SQL("l.id = ANY(%s)", self.ids))
        found = dict(self.env.execute_query(query))
        for row in self:
            row.risk_reason = found.get(row.id, False)

    @api.model
    def _search_risk_reason(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env.flush_all()
        query = self._risk_reason_query(SQL("TRUE"))
        wanted = SQL("q.reason = ANY(%s)", [reason for reason in value if reason])
        if False in value:
            wanted = SQL("(%s OR q.reason IS NULL)", wanted)
        found = SQL("SELECT q.id FROM (%s) q WHERE %s", query, wanted)
        return fields.Domain("id", "in", found)

    @api.model
    def _risk_reason_query(self, scope):
        """Select row id and reason, the most telling one first.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        """
        # One look at an index per question and customer; a CASE asks the next
        # question only of those whom the former did not explain.
        return SQL(
            """
            SELECT l.id, CASE
                WHEN %(payment)s THEN 'payment'
                WHEN %(rating)s THEN 'rating'
                WHEN %(basket)s THEN 'basket'
                WHEN l.current_stage IN ('at_risk', 'dormant') THEN 'rhythm'
                END AS reason
              FROM customer_lifecycle l WHERE %(scope)s
            """,
            payment=self._had_event("payment_failed"),
            rating=self._had_event(
                "review_posted", SQL("(e.data->>'rating')::float < 3")
            ),
            basket=self._smaller_basket(),
            scope=scope,
        )

    def _had_event(self, event_type, further=None):
        return SQL(
            """EXISTS (SELECT FROM lifecycle_event e
                WHERE e.customer_id = l.customer_id AND e.company_id = l.company_id
                  AND e.event_type = %s AND %s
                  AND e.occurred_at > now() AT TIME ZONE 'UTC' - %s * interval '1 day')
            """,
            event_type,
            further or SQL("TRUE"),
            RECENT_DAYS,
        )

    def _smaller_basket(self):
        """Whether the last order has less than half the items of those before."""
        return SQL(
            """coalesce((
                SELECT b.items < 0.5 * b.usual FROM (
                    SELECT o.items, avg(o.items) OVER w AS usual,
                           row_number() OVER (ORDER BY o.date_order DESC, o.id DESC)
                               AS place
                      FROM (SELECT so.id, so.date_order,
                                   (SELECT sum(x.product_uom_qty)
                                      FROM sale_order_line x
                                     WHERE x.order_id = so.id
                                       AND x.display_type IS NULL
                                       AND x.reward_id IS NULL) AS items
                              FROM res_partner p
                              JOIN sale_order so ON so.partner_id = p.id
                             WHERE p.commercial_partner_id = l.customer_id
                               AND so.company_id = l.company_id AND so.state = 'sale'
                             ORDER BY so.date_order DESC, so.id DESC LIMIT 6) o
                    WINDOW w AS (ORDER BY o.date_order, o.id
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) b
                 WHERE b.place = 1 AND b.usual IS NOT NULL), FALSE)"""
        )
