from odoo import api, models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    def unlink(self):
        """What waits in a queue for them does not leave: nobody would know to whom."""
        queued = self.env["journey.delivery"].sudo()
        queued = queued.search(
            [
                ("state", "=", "queued"),
                "|",
                ("customer_id", "in", self.ids),
                ("addressee_id", "in", self.ids),
            ]
        )
        queued._cancel_queued(dict.fromkeys(queued.ids, "deleted"))
        return super().unlink()

    @api.model
    def _mailing_get_opt_out_list_sms(self, mailing):
        """Return the ids of partners whose number said no to SMS, or to the topic."""
        ledger = self.env["customer.consent"].sudo()
        ledger = ledger.with_company(mailing._contact_company())
        ledger.flush_model()
        self.flush_model(["phone_sanitized"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH no AS (
                    SELECT p.id, p.phone_sanitized FROM res_partner p
                     WHERE p.id IN (%s))
                SELECT id FROM no UNION
                SELECT o.id FROM res_partner o
                  JOIN no ON no.phone_sanitized = o.phone_sanitized
                """,
                ledger._objectors_query("sms", mailing._contact_topic()),
            )
        )
        return [row[0] for row in rows]
