from odoo import api, models
from odoo.fields import Domain

TABLES = ("nps_response", "nps_case", "csat_response")


class LifecycleEngine(models.AbstractModel):
    """Customers who turn out to be one, or who want to be forgotten."""

    _inherit = "lifecycle.engine"

    @api.model
    def _merge_tables(self):
        return [*super()._merge_tables(), *TABLES]

    @api.model
    def _merge_customers(self, source, target):
        """Of two words on the same thing the newer one stays."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            DELETE FROM csat_response c USING csat_response o
             WHERE c.customer_id IN %(both)s AND o.customer_id IN %(both)s
               AND c.customer_id <> o.customer_id AND c.company_id = o.company_id
               AND c.context_type = o.context_type AND c.context_id = o.context_id
               AND (c.responded_at, c.id) < (o.responded_at, o.id)
            """,
            {"both": (source.id, target.id)},
        )
        return super()._merge_customers(source, target)

    @api.model
    def _anonymize_customer(self, partner):
        """What people wrote is forgotten; the figures stay."""
        result = super()._anonymize_customer(partner)
        self.env.flush_all()
        mine = {"ids": [partner.id]}
        self.env.cr.execute(
            """
            UPDATE nps_response SET followup_response = NULL, may_call = FALSE,
                   call_phone = NULL
             WHERE customer_id = ANY(%(ids)s) AND (addressee_id IS NULL
                   OR addressee_id = ANY(%(ids)s)) OR addressee_id = ANY(%(ids)s)
            """,
            mine,
        )
        self.env.cr.execute(
            """
            UPDATE csat_response SET comment = NULL
             WHERE customer_id = ANY(%(ids)s) AND (addressee_id IS NULL
                   OR addressee_id = ANY(%(ids)s)) OR addressee_id = ANY(%(ids)s)
            """,
            mine,
        )
        self.env.invalidate_all()
        self._forget_cases(partner)
        return result

    def _forget_cases(self, partner):
        """Cases of a person end, and their notes and messages go."""
        cases = self.env["nps.case"].sudo()
        # Who answered for a firm is forgotten there, too; colleagues are not.
        own = Domain("response_id.addressee_id", "=", partner.id)
        silent = Domain("response_id.addressee_id", "=", False)
        mine = cases.search(own | silent & Domain("customer_id", "=", partner.id))
        mine.activity_ids.unlink()
        mine.message_ids.unlink()
        still_open = mine.filtered(lambda case: case.state == "open")
        now = self.env.cr.now().replace(microsecond=0)
        still_open._close(now, self.env["res.users"], "lost")
        mine.write({"note": False})
