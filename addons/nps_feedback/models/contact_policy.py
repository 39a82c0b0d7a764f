from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..const import PAUSE_DAYS


class ContactPolicy(models.AbstractModel):
    _inherit = "contact.policy"

    @api.model
    def _suppressions(self, customer_ids, now):
        """Nobody advertises to the unhappy before somebody has taken care of it; for
        30 days at most, should nobody do.
        """
        found = super()._suppressions(customer_ids, now)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.customer_id, max(r.responded_at) FROM nps_response r
                 WHERE r.company_id = %s AND r.customer_id = ANY(%s)
                   AND r.category = 'detractor' AND r.responded_at > %s
                   AND NOT EXISTS (SELECT FROM nps_case c
                                    WHERE c.response_id = r.id AND c.state = 'closed')
                 GROUP BY 1
                """,
                self.env.company.id,
                list(customer_ids),
                now - timedelta(days=PAUSE_DAYS),
            )
        )
        pauses = {
            customer: [("open_complaint", since + timedelta(days=PAUSE_DAYS))]
            for customer, since in rows
        }
        return {
            customer: [*found.get(customer, ()), *pauses.get(customer, ())]
            for customer in {*found, *pauses}
        }
