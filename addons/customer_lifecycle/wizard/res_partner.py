from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _become_past_customers(self, moments):
        """Make these new partners customers who signed up in the past.

        :param list moments: when each of them did (UTC); never later than now
        """
        # Behind the ORM's back: its hook would announce sign-ups as news, and it does
        # not let go of create_date, which is when a customer signed up.
        self.flush_recordset()
        self.env.cr.execute(
            """
            UPDATE res_partner p
               SET customer_rank = greatest(p.customer_rank, 1),
                   create_date = least(p.create_date, v.moment)
              FROM unnest(%s::int[], %s::timestamp[]) AS v(id, moment)
             WHERE p.id = v.id
            """,
            [self.ids, moments],
        )
        self.invalidate_recordset(["customer_rank", "create_date"])
