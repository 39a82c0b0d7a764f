from odoo import api, models
from odoo.tools import SQL

from ..const import TIERS

FACTS = ("loyalty_tier", "loyalty_points", "loyalty_points_lifetime")


class LifecycleFacts(models.AbstractModel):
    """What the accounts of a customer's contacts say together."""

    _inherit = "lifecycle.facts"

    @api.model
    def _other_facts_queries(self, scope, now):
        return [
            *super()._other_facts_queries(scope, now),
            (FACTS, self._loyalty_query(scope)),
        ]

    def _loyalty_query(self, scope):
        """Select the highest tier and the sums of points of the rows in ``scope``."""
        codes = [code for code, _label in TIERS]
        return SQL(
            """
            SELECT l.id, (%(codes)s::varchar[])[f.rank] AS loyalty_tier,
                   f.points AS loyalty_points,
                   f.lifetime AS loyalty_points_lifetime
              FROM customer_lifecycle l
              LEFT JOIN LATERAL (
                SELECT max(array_position(%(codes)s::varchar[], a.current_tier))
                           AS rank,
                       sum(greatest(a.points_balance, 0)) AS points,
                       sum(a.points_lifetime) AS lifetime
                  FROM res_partner p
                  JOIN customer_loyalty a ON a.customer_id = p.id AND a.active
                 WHERE p.commercial_partner_id = l.customer_id
                   AND (a.company_id = l.company_id OR a.company_id IS NULL)) f ON TRUE
             WHERE %(scope)s
            """,
            codes=codes,
            scope=scope,
        )
