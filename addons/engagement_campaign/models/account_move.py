from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock

# What fell due longer ago is no news; a scheduler that stood still catches up.
NEWS_DAYS = 7


class AccountMove(models.Model):
    _inherit = "account.move"

    def _invoice_paid_hook(self):
        """An invoice that is paid, however it was, is an event on the timeline."""
        result = super()._invoice_paid_hook()
        now = fields.Datetime.now()
        paid = self.filtered(lambda m: m.move_type == "out_invoice" and m.partner_id)
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": move.partner_id.commercial_partner_id.id,
                    "company_id": move.company_id.id,
                    "event_type": "payment_done",
                    "event_key": f"payment_done:invoice:{move.id}",
                    "occurred_at": now,
                    "res_model": self._name,
                    "res_id": move.id,
                    "data": {
                        "name": move.name,
                        "value": move.amount_untaxed_signed,
                        "documents": move._paid_documents(),
                    },
                }
                for move in paid
            ]
        )
        return result

    def _paid_documents(self):
        """Return what a payment of this invoice pays: ["account.move,7", ...]."""
        orders = self.sudo().line_ids.sale_line_ids.order_id
        return [
            f"{record._name},{record.id}"
            for records in (self, orders)
            for record in records
        ]

    @api.model
    def _cron_record_overdue(self):
        """Daily: tell the customers' timelines of invoices that fell due unpaid."""
        self._record_overdue(fields.Datetime.now())
        self.env["ir.cron"]._commit_progress(1, remaining=0)

    @api.model
    def _record_overdue(self, now):
        """Record ``invoice_overdue`` once per invoice and due date.

        :param datetime now: naive UTC
        :return: ids of the invoices
        """
        self.env.flush_all()
        found = []
        for company in self.env["res.company"].search([("id", ">", 0)]):
            today = Clock(now).today(company)
            query = self._overdue_query(company, today, now)
            found += self.env["lifecycle.event"].sudo()._record_query(query)
        return found

    def _overdue_query(self, company, today, now):
        return SQL(
            """
            SELECT p.commercial_partner_id AS customer_id, m.company_id,
                   'invoice_overdue' AS event_type,
                   concat_ws(':', 'invoice_overdue', m.id, m.invoice_date_due)
                       AS event_key,
                   %(now)s::timestamp AS occurred_at,
                   'account.move' AS res_model, m.id AS res_id,
                   jsonb_build_object('name', m.name, 'amount', m.amount_residual,
                       'documents', jsonb_build_array('account.move,' || m.id)) AS data
              FROM account_move m JOIN res_partner p ON p.id = m.partner_id
             WHERE m.company_id = %(company)s AND m.state = 'posted'
               AND m.move_type = 'out_invoice'
               AND m.payment_state IN ('not_paid', 'partial')
               AND m.amount_residual > 0
               AND m.invoice_date_due < %(today)s
               AND m.invoice_date_due >= %(today)s - %(days)s
            """,
            now=now,
            company=company.id,
            today=today,
            days=NEWS_DAYS,
        )
