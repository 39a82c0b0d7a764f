from odoo import api, models
from odoo.tools import SQL

from ..tools.refund import own_lines


class LoyaltyBackfillRefunds(models.AbstractModel):
    """Past orders whose refunds cannot be read off the lines of their invoices: few,
    and each of them knows itself how much of it was refunded.
    """

    _name = "loyalty.backfill.refunds"
    _description = "Refunds of past Orders"

    @api.model
    def _apart_queries(self):
        """Selects of ids out of ``orders`` (with their invoices' lines, ``invoice``)
        that were refunded otherwise; bridges know further doors.
        """
        return [self._own_lines_query(), self._money_query()]

    @api.model
    def _own_lines_query(self):
        """Orders of whose invoices a credit note has lines of its own."""
        return SQL(
            "SELECT b.order_id FROM invoice b %s"
            " WHERE b.is_posted AND b.move_type <> 'out_refund'",
            own_lines(SQL("b.move_id")),
        )

    @api.model
    def _money_query(self):
        """Orders of whose payments, or of their invoices', a provider gave money back:
        of a payment ``t`` itself, or of what was captured of it, ``c``.
        """
        return SQL(
            """
            SELECT p.order_id
              FROM (SELECT s.sale_order_id AS order_id, s.transaction_id
                      FROM orders o
                      JOIN sale_order_transaction_rel s ON s.sale_order_id = o.id
                     UNION ALL
                    SELECT b.order_id, s.transaction_id
                      FROM invoice b
                      JOIN account_invoice_transaction_rel s
                        ON s.invoice_id = b.move_id) p
              JOIN payment_transaction t ON t.id = p.transaction_id
              LEFT JOIN payment_transaction c ON c.source_transaction_id = t.id
               AND c.source_transaction_id IS NOT NULL
              LEFT JOIN payment_transaction d ON d.source_transaction_id = c.id
               AND d.source_transaction_id IS NOT NULL
             WHERE (t.operation = 'refund' AND t.state = 'done')
                OR (c.operation = 'refund' AND c.state = 'done')
                OR (d.operation = 'refund' AND d.state = 'done')
            """
        )

    def _shares_apart(self, orders):
        """Return {order id: how much of it was refunded, 0 to 1}.

        :param list orders: ids of ``sale.order`` that ``_apart_queries`` found
        """
        found = self.env["sale.order"].sudo().browse(orders)
        program = self.program_id
        return {order.id: order._loyalty_refunded_share(program) for order in found}
