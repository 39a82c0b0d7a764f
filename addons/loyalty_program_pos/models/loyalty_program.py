from odoo import api, fields, models
from odoo.tools import SQL

from .pos_order_loyalty import PAID


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    # Of who joins with this order; without sudo, tills may not read tiers.
    first_multiplier = fields.Float(compute="_compute_first_multiplier")

    @api.depends("tier_ids.multiplier")
    def _compute_first_multiplier(self):
        for program in self:
            program.first_multiplier = self._multiplier(
                program.id, self._first_tier(program.id)
            )

    @api.model
    def _load_pos_data_fields(self, config):
        own = ["accounts_since", "is_active", "is_open", "first_multiplier"]
        return [*super()._load_pos_data_fields(config), *own]

    def _average_queries(self, since, until):
        """What is sold at tills are orders, too; a discount in percent is redeemed of
        them as well. Refunds are none.
        """
        return [
            *super()._average_queries(since, until),
            SQL(
                """
                SELECT company_id, FALSE, count(*), sum(
                           amount_total / coalesce(nullif(currency_rate, 0), 1))::float8
                  FROM pos_order
                 WHERE state = ANY(%(paid)s) AND amount_total > 0
                   AND date_order BETWEEN %(since)s AND %(until)s
                   AND (%(company)s::int IS NULL OR company_id = %(company)s)
                 GROUP BY 1
                """,
                paid=list(PAID),
                since=since,
                until=until,
                company=self.company_id.id or None,
            ),
        ]
