from odoo import models
from odoo.tools import SQL

from ..const import PROFILE_FIELDS


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if not set(PROFILE_FIELDS).isdisjoint(vals):
            self._record_profile_change()
        return result

    def _record_profile_change(self):
        """Let the milestones of those hear of it who are under way: a light row."""
        self.env["lifecycle.event"].sudo()._record_query(
            SQL(
                """
                SELECT o.customer_id, o.company_id, 'profile_changed' AS event_type,
                       concat_ws(':', 'profile_changed', o.customer_id,
                           pg_current_xact_id()) AS event_key,
                       date_trunc('second', now() AT TIME ZONE 'UTC') AS occurred_at,
                       'res.partner' AS res_model, o.customer_id AS res_id,
                       NULL::jsonb AS data
                  FROM customer_onboarding o
                 WHERE o.customer_id = ANY(%s) AND o.status = 'in_progress'
                """,
                self.commercial_partner_id.ids,
            )
        )
