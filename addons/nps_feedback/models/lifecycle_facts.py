from odoo import api, models
from odoo.tools import SQL

FACTS = ("nps_score", "nps_category", "nps_collected_at", "csat_score")


class LifecycleFacts(models.AbstractModel):
    """What the customer said last, and said of single things on the whole."""

    _inherit = "lifecycle.facts"

    @api.model
    def _other_facts_queries(self, scope, now):
        return [
            *super()._other_facts_queries(scope, now),
            (FACTS, self._feedback_query(scope, now)),
        ]

    def _feedback_query(self, scope, now):
        return SQL(
            """
            SELECT l.id, n.score AS nps_score, n.category AS nps_category,
                   n.responded_at AS nps_collected_at, c.score AS csat_score
              FROM customer_lifecycle l
              LEFT JOIN LATERAL (
                SELECT r.score, r.category, r.responded_at FROM nps_response r
                 WHERE r.customer_id = l.customer_id AND r.company_id = l.company_id
                   AND r.responded_at <= %(now)s
                 ORDER BY r.responded_at DESC, r.id DESC LIMIT 1) n ON TRUE
              LEFT JOIN LATERAL (
                SELECT round(avg(s.score), 2)::float8 AS score FROM csat_response s
                 WHERE s.customer_id = l.customer_id AND s.company_id = l.company_id
                   AND s.responded_at <= %(now)s) c ON TRUE
             WHERE %(scope)s
            """,
            now=now,
            scope=scope,
        )
