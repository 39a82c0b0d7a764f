from odoo import api, fields, models
from odoo.tools import SQL

from ..const import STATUSES


class CustomerLifecycle(models.Model):
    _inherit = "customer.lifecycle"

    winback_status = fields.Selection(
        STATUSES,
        "Last win-back attempt",
        compute="_compute_winback",
        search="_search_winback_status",
    )
    winback_attempts = fields.Integer("Win-back attempts", compute="_compute_winback")
    winback_ended_at = fields.Datetime("Last attempt ended", compute="_compute_winback")

    def _compute_winback(self):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.id, count(*)::int,
                       (array_agg(r.status ORDER BY r.started_at DESC, r.id DESC))[1],
                       max(r.completed_at)
                  FROM customer_lifecycle l
                  JOIN winback_attempt r ON r.customer_id = l.customer_id
                                        AND r.company_id = l.company_id
                 WHERE l.id = ANY(%s) GROUP BY 1
                """,
                self.ids,
            )
        )
        found = {row: rest for row, *rest in rows}
        for row in self:
            count, status, ended = found.get(row.id, (0, False, False))
            row.winback_attempts = count
            row.winback_status = status
            row.winback_ended_at = ended

    @api.model
    def _search_winback_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["winback.attempt"].flush_model()
        wanted = SQL("q.status = ANY(%s)", [status for status in value if status])
        if False in value:
            wanted = SQL("(%s OR q.status IS NULL)", wanted)
        found = SQL(
            """
            SELECT l.id FROM customer_lifecycle l LEFT JOIN (
                SELECT DISTINCT ON (customer_id, company_id)
                       customer_id, company_id, status
                  FROM winback_attempt
                 ORDER BY customer_id, company_id, started_at DESC, id DESC) q
                ON q.customer_id = l.customer_id AND q.company_id = l.company_id
             WHERE %s
            """,
            wanted,
        )
        return fields.Domain("id", "in", found)
